/* The life of curses. ncurses sends only what differs from what the terminal shows.
 *
 *   canvas --cells--> stdscr --doupdate--> terminal
 *   terminal --getch, KEY_RESIZE, mouse--> key_press
 *
 * A terminal that has gone gives ERR for ever: that is asked of poll(2), so that nobody
 * waits for it in a circle. One that is held (Ctrl-S) would hold a write: it is not
 * written to then. */
#include "ui/screen.h"

#include "hopscope/fault_guard.h"
#include "ui/terminal_kind.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

enum { SCREEN_ESCAPE_MS = 25, SCREEN_LAST_WAIT_MS = 200 };

struct screen {
    SCREEN *terminal;
    struct termios before;
    bool has_colour, is_ascii, is_gone;
    attr_t attributes[STYLE_COUNT];
    short pairs[STYLE_COUNT];
};

/* Attributes alone tell the styles apart where there is no colour. */
/* clang-format off */
static const struct style_row {
    attr_t plain, coloured;
    short foreground; /* COLOR_..., -1: none */
} style_rows[STYLE_COUNT] = {
    [STYLE_PLAIN]    = { A_NORMAL,    A_NORMAL,  -1 },
    [STYLE_DIM]      = { A_DIM,       A_DIM,     -1 },
    [STYLE_BOLD]     = { A_BOLD,      A_BOLD,    -1 },
    [STYLE_BAR]      = { A_REVERSE,   A_REVERSE, -1 },
    [STYLE_BAR_KEY]  = { A_BOLD,      A_BOLD,    -1 },
    [STYLE_GOOD]     = { A_NORMAL,    A_NORMAL,  COLOR_GREEN },
    [STYLE_WARNING]  = { A_BOLD,      A_NORMAL,  COLOR_YELLOW },
    [STYLE_BAD]      = { A_BOLD,      A_BOLD,    COLOR_RED },
    [STYLE_ACCENT]   = { A_NORMAL,    A_NORMAL,  COLOR_CYAN },
    [STYLE_REQUEST]  = { A_BOLD,      A_BOLD,    COLOR_BLUE },
    [STYLE_WAIT]     = { A_NORMAL,    A_NORMAL,  COLOR_YELLOW },
    [STYLE_RESPONSE] = { A_BOLD,      A_NORMAL,  COLOR_GREEN },
    [STYLE_BLOCKED]  = { A_NORMAL,    A_NORMAL,  COLOR_RED },
};

static const struct code_row {
    int curses;
    uint32_t key;
} code_rows[] = {
    { KEY_UP, KEY_CODE_UP },          { KEY_DOWN, KEY_CODE_DOWN },
    { KEY_LEFT, KEY_CODE_LEFT },      { KEY_RIGHT, KEY_CODE_RIGHT },
    { KEY_PPAGE, KEY_CODE_PAGE_UP },  { KEY_NPAGE, KEY_CODE_PAGE_DOWN },
    { KEY_HOME, KEY_CODE_HOME },      { KEY_END, KEY_CODE_END },
    { KEY_DC, KEY_CODE_DELETE },      { KEY_BACKSPACE, KEY_CODE_RUBOUT },
    { KEY_ENTER, KEY_CODE_ENTER },    { KEY_RESIZE, KEY_CODE_RESIZED },
    { KEY_BTAB, KEY_CODE_TAB },
};
/* clang-format on */

static enum status refuse(struct problem *why)
{
    const char *name = getenv("TERM");
    if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1)
        return problem_set(why, STATUS_FAILED,
                           "this needs a terminal for its keys and its screen: use "
                           "hopscope read, or hopscope live --log, in a pipe");
    return problem_set(why, STATUS_FAILED,
                       "the terminal '%.60s' is not known here: set TERM to one that "
                       "is (xterm, screen, vt100)",
                       name != NULL && *name != '\0' ? name : "(TERM is not set)");
}

static void prepare_styles(struct screen *s)
{
    for (int i = 0; i < STYLE_COUNT; i++) {
        const struct style_row *row = &style_rows[i];
        s->attributes[i] = s->has_colour ? row->coloured : row->plain;
        if (!s->has_colour || row->foreground < 0) continue;
        s->pairs[i] = (short)(i + 1);
        init_pair(s->pairs[i], row->foreground, -1);
    }
}

/* Curses is begun, and made ready for keys, the mouse and colours. */
static void begin(struct screen *s, bool has_colour)
{
    bool is_terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    if (is_terminal && terminal_kind_is_usable() &&
        tcgetattr(STDIN_FILENO, &s->before) == 0)
        s->terminal = newterm(NULL, stdout, stdin);
    if (s->terminal == NULL) return;
    at_quick_exit(terminal_kind_give_back); /* memory that runs out, on any thread */
    s->is_ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    cbreak();
    noecho();
    nonl();
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    set_escdelay(SCREEN_ESCAPE_MS);
    curs_set(0);
    mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    mouseinterval(0);
    s->has_colour =
        has_colour && has_colors() && start_color() == OK && use_default_colors() == OK;
    prepare_styles(s);
}

enum status screen_open(bool has_colour, struct screen **out, struct problem *why)
{
    struct screen *s = mem_alloc(sizeof *s);
    setlocale(LC_ALL, "");
    struct fault_guard *guard = fault_guard_begin();
    begin(s, has_colour);
    fault_guard_end(guard);
    if (s->terminal == NULL) {
        enum status rc = refuse(why);
        mem_free(s);
        return rc;
    }
    *out = s;
    return STATUS_OK;
}

static bool can_write(int wait_ms)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, wait_ms) > 0 && (out.revents & POLLOUT) != 0 &&
           (out.revents & (POLLHUP | POLLERR)) == 0;
}

void screen_close(struct screen *s)
{
    if (s == NULL) return;
    struct fault_guard *guard = fault_guard_begin();
    if (!screen_is_gone(s) && can_write(SCREEN_LAST_WAIT_MS))
        endwin();
    else
        tcsetattr(STDIN_FILENO, TCSANOW, &s->before);
    delscreen(s->terminal);
    fault_guard_end(guard);
    mem_free(s);
}

int screen_fd(const struct screen *s)
{
    (void)s;
    return STDIN_FILENO;
}

bool screen_is_ascii(const struct screen *s)
{
    return s->is_ascii;
}

void screen_size(const struct screen *s, int *rows, int *columns)
{
    (void)s;
    getmaxyx(stdscr, *rows, *columns);
}

/* ---- keys ---- */

static bool take_mouse(struct key_press *out)
{
    MEVENT event;
    if (getmouse(&event) != OK) return false;
    if (event.bstate & BUTTON4_PRESSED)
        out->key = KEY_CODE_WHEEL_UP;
    else if (event.bstate & BUTTON5_PRESSED)
        out->key = KEY_CODE_WHEEL_DOWN;
    else
        out->key = KEY_CODE_MOUSE;
    out->row = event.y;
    out->column = event.x;
    return true;
}

bool screen_key(struct screen *s, struct key_press *out)
{
    wint_t code = 0;
    int kind = wget_wch(stdscr, &code);
    (void)s;
    *out = (struct key_press){.key = KEY_CODE_NONE};
    if (kind == ERR) return false;
    if (kind == OK) {
        out->key = code == '\b' ? (uint32_t)KEY_CODE_RUBOUT : (uint32_t)code;
        return true;
    }
    if (code == KEY_MOUSE) return take_mouse(out);
    if (code >= KEY_F(1) && code <= KEY_F(12))
        out->key = (uint32_t)(KEY_CODE_F0 + (int)(code - KEY_F0));
    for (size_t i = 0; i < ARRAY_LENGTH(code_rows); i++) {
        if (code_rows[i].curses == (int)code) out->key = code_rows[i].key;
    }
    return true;
}

bool screen_is_gone(struct screen *s)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&in, 1, 0) > 0 && (in.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
        s->is_gone = true;
    return s->is_gone;
}

/* ---- showing ---- */

static void show_row(const struct screen *s, const struct canvas *c, int row)
{
    const struct canvas_cell *cells = &c->cells[(size_t)row * (size_t)c->columns];
    for (int i = 0; i < c->columns; i++) {
        unsigned style = cells[i].style & 0x7fu;
        wchar_t text[2] = {(wchar_t)cells[i].code, L'\0'};
        cchar_t cell;
        attr_t attributes = s->attributes[style < STYLE_COUNT ? style : 0];
        if (cells[i].code == 0) continue; /* drawn with the one before */
        if (cells[i].style & STYLE_CHOSEN) attributes ^= A_REVERSE;
        setcchar(&cell, text, attributes, s->pairs[style < STYLE_COUNT ? style : 0],
                 NULL);
        mvadd_wch(row, i, &cell);
    }
}

bool screen_show(struct screen *s, const struct canvas *c)
{
    if (screen_is_gone(s) || !can_write(0)) return false;
    struct fault_guard *guard = fault_guard_begin();
    erase();
    for (int row = 0; row < c->rows; row++) show_row(s, c, row);
    refresh();
    fault_guard_end(guard);
    return true;
}

void screen_redraw(struct screen *s)
{
    (void)s;
    clearok(curscr, TRUE);
}
