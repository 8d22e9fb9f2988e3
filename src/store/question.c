/* A question is one file of src/store/sql: a head of comment lines, then one SELECT.
 *
 *   -- title: one line
 *   -- tells: what the rows say
 *   -- read: how to read them
 *   -- param name = number: what it is       (:name in the SELECT)
 *   -- diff: key, columns | figure, columns  (what --diff sums up, by which key; the
 *                                             figure `rows` is how many there are)
 *   SELECT ... */
#include "hopscope/store.h"

#include "store/question_texts.h"

#include <assert.h>
#include <string.h>

/* ---- the head of a file ---- */

/* Takes the first line off; its line end is gone. */
static struct bytes take_line(struct bytes *text)
{
    const uint8_t *end = memchr(text->ptr, '\n', text->len);
    size_t len = end == NULL ? text->len : (size_t)(end - text->ptr);
    struct bytes line = bytes_first(*text, len);
    *text = bytes_from(*text, end == NULL ? len : len + 1);
    return line;
}

static struct bytes trim(struct bytes b)
{
    while (b.len > 0 && b.ptr[0] == ' ') b = bytes_from(b, 1);
    while (b.len > 0 && b.ptr[b.len - 1] == ' ') b.len--;
    return b;
}

/* What stands before the first `mark`; `rest` is what stands behind it. */
static struct bytes split(struct bytes line, char mark, struct bytes *rest)
{
    const uint8_t *at = memchr(line.ptr, mark, line.len);
    assert(at != NULL); /* the files are ours */
    size_t len = (size_t)(at - line.ptr);
    *rest = trim(bytes_from(line, len + 1));
    return trim(bytes_first(line, len));
}

static void read_head_line(struct question *q, struct bytes line)
{
    static const char title[] = "-- title:", diff[] = "-- diff:", param[] = "-- param ";
    struct bytes rest;
    if (bytes_start_with(line, title))
        q->title = trim(bytes_from(line, sizeof title - 1));
    if (bytes_start_with(line, diff))
        q->keys = split(bytes_from(line, sizeof diff - 1), '|', &q->figures);
    if (!bytes_start_with(line, param)) return;
    assert(q->param_count < QUESTION_PARAMS_MAX);
    struct question_param *p = &q->params[q->param_count++];
    p->name = split(bytes_from(line, sizeof param - 1), '=', &rest);
    p->value = split(rest, ':', &p->about);
}

static void question_read(const struct question_text *file, struct question *q)
{
    struct bytes rest = file->text;
    *q = (struct question){.name = file->name, .about = rest};
    while (bytes_start_with(rest, "--")) read_head_line(q, take_line(&rest));
    q->about.len -= rest.len;
    q->sql = rest;
}

bool question_get(size_t index, struct question *out)
{
    if (index >= question_text_count) return false;
    question_read(&question_texts[index], out);
    return true;
}

/* As in the view's name, _ may stand for -. */
static bool is_named(const char *question, const char *name)
{
    while (*question != '\0' &&
           (*question == *name || (*question == '-' && *name == '_')))
        question++, name++;
    return *question == *name;
}

bool question_find(const char *name, struct question *out)
{
    for (size_t i = 0; i < question_text_count; i++) {
        if (!is_named(question_texts[i].name, name)) continue;
        return question_get(i, out);
    }
    return false;
}

/* ---- parameters ---- */

/* Digits, at most one point in them; a statement gets nothing else from outside. */
static bool is_number(struct bytes b)
{
    size_t digits = 0, points = 0;
    for (size_t i = 0; i < b.len; i++) {
        if (b.ptr[i] >= '0' && b.ptr[i] <= '9')
            digits++;
        else if (b.ptr[i] == '.' && digits > 0)
            points++;
        else
            return false;
    }
    return digits > 0 && digits <= 12 && points <= 1 && b.ptr[b.len - 1] != '.';
}

static enum status refuse_param(const struct question *q, const char *setting,
                                struct problem *why)
{
    struct buffer names = {.ptr = NULL};
    for (size_t i = 0; i < q->param_count; i++) {
        buffer_append_text(&names, i == 0 ? "" : ", ");
        buffer_append(&names, q->params[i].name);
    }
    buffer_append(&names, bytes_of("", 1));
    problem_set(why, STATUS_USAGE,
                "the question %s has no parameter '%.100s', %s%.200s", q->name, setting,
                q->param_count == 0 ? "nor any other" : "but ",
                (const char *)names.ptr);
    buffer_done(&names);
    return STATUS_USAGE;
}

static enum status apply(struct question *q, const char *setting, struct problem *why)
{
    const char *mark = strchr(setting, '=');
    if (mark == NULL)
        return problem_set(why, STATUS_USAGE,
                           "--set takes name=value, such as idle_ms=5000, not '%.100s'",
                           setting);
    struct bytes name = bytes_of(setting, (size_t)(mark - setting));
    struct bytes value = bytes_of_text(mark + 1);
    for (size_t i = 0; i < q->param_count; i++) {
        if (!bytes_equal(q->params[i].name, name)) continue;
        if (!is_number(value))
            return problem_set(why, STATUS_USAGE,
                               "%.*s takes a number such as %.*s, not '%.100s'",
                               (int)name.len, setting, (int)q->params[i].value.len,
                               (const char *)q->params[i].value.ptr, mark + 1);
        q->params[i].value = value;
        return STATUS_OK;
    }
    return refuse_param(q, setting, why);
}

static bool is_name_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';
}

/* `at` begins with ':'. Whether a parameter stands there; its name goes to `name`. */
static const struct question_param *param_at(const struct question *q, struct bytes at)
{
    size_t len = 1;
    while (len < at.len && is_name_byte(at.ptr[len])) len++;
    for (size_t i = 0; i < q->param_count; i++) {
        if (bytes_equal(bytes_from(bytes_first(at, len), 1), q->params[i].name))
            return &q->params[i];
    }
    return NULL;
}

void question_text_write(const struct question *q, struct buffer *out)
{
    struct bytes rest = q->sql;
    while (rest.len > 0) {
        const uint8_t *colon = memchr(rest.ptr, ':', rest.len);
        size_t plain = colon == NULL ? rest.len : (size_t)(colon - rest.ptr);
        buffer_append(out, bytes_first(rest, plain));
        rest = bytes_from(rest, plain);
        if (rest.len == 0) return;
        const struct question_param *p = param_at(q, rest);
        buffer_append(out, p == NULL ? bytes_first(rest, 1) : p->value);
        rest = bytes_from(rest, p == NULL ? 1 : 1 + p->name.len);
    }
}

enum status question_write_sql(const struct question *q, const char *const *settings,
                               size_t setting_count, struct buffer *out,
                               struct problem *why)
{
    struct question set = *q;
    for (size_t i = 0; i < setting_count; i++) {
        enum status rc = apply(&set, settings[i], why);
        if (rc != STATUS_OK) return rc;
    }
    question_text_write(&set, out);
    buffer_append(out, bytes_of("", 1));
    return STATUS_OK;
}
