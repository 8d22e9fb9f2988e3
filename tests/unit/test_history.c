/* conn_state and history, which users join with Zeek's: each row is a connection,
 * packet by packet, and what Zeek's rules make of it.
 *
 *   "C S 0 0 0; S SA 0 1 0"      side, flags, seq, ack, payload length; * closed window
 *
 * Numbers are relative: the SYN stands at 0, the first byte at 1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"

#define OPEN "C S 0 0 0; S SA 0 1 0; C A 1 1 0; "

struct history_case {
    const char *name, *packets, *state, *history;
};

static uint8_t flags_of(const char *letters)
{
    static const char names[] = "FSRPAU";
    uint8_t flags = 0;
    for (; *letters != 0; letters++)
        flags |= (uint8_t)(1u << (strchr(names, *letters) - names));
    return flags;
}

/* Adds the packet that `text` begins with; returns the text behind it. */
static const char *add_packet(struct hazard_trace *t, const char *text)
{
    static const char filler[2000] = {0};
    char side, letters[8], end[3] = "";
    unsigned seq, ack, length;
    int used = 0;
    int got =
        sscanf(text, " %c %7s %u %u %u%n", &side, letters, &seq, &ack, &length, &used);
    assert_int_equal(got, 5);
    assert_true(length <= sizeof filler);
    text += used;
    enum side from = side == 'C' ? SIDE_CLIENT : SIDE_SERVER;
    struct hazard_packet *p =
        hazard_packet_add(t, from, flags_of(letters), seq, bytes_of(filler, length));
    p->ack = ack;
    (void)sscanf(text, "%2[*;]", end);
    if (end[0] == '*') p->window = 0;
    return text + strcspn(text, "CS");
}

static void run(const struct history_case *cases, size_t count)
{
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < count; i++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        const char *text = cases[i].packets;
        while (*text != 0) text = add_packet(&t, text);
        hazard_run_once(&t, &rows);
        const char *state =
            hazard_rows_value(&rows, RECORD_CONNECTION, 0, "conn_state");
        const char *history = hazard_rows_value(&rows, RECORD_CONNECTION, 0, "history");
        if (strcmp(history, cases[i].history) != 0)
            print_message("%s: %s %s\n", cases[i].name, state, history);
        assert_string_equal(history, cases[i].history);
        state = hazard_rows_value(&rows, RECORD_CONNECTION, 0, "conn_state");
        if (strcmp(state, cases[i].state) != 0)
            print_message("%s: %s\n", cases[i].name, state);
        assert_string_equal(state, cases[i].state);
    }
    hazard_rows_done(&rows);
}

/* clang-format off */
static const struct history_case openings[] = {
    { "a SYN alone", "C S 0 0 0", "S0", "S" },
    { "the same SYN again", "C S 0 0 0; C S 0 0 0", "S0", "S" },
    { "refused", "C S 0 0 0; S RA 0 1 0", "REJ", "Sr" },
    { "established", OPEN, "S1", "ShA" },
    { "acknowledged before it is answered",
      "C S 0 0 0; S A 0 1 0; S SA 0 1 0; C A 1 1 0", "S1", "SahA" },
    { "both open at once",
      "C S 0 0 0; S S 0 0 0; C SA 0 1 0; S SA 0 1 0; C A 1 1 0", "S1", "SsA" },
    { "a split handshake", "C S 0 0 0; S A 0 1 0; S S 0 0 0; C SA 0 1 0; S A 1 1 0",
      "S1", "Sas" },
    { "the SYN was not captured", "S SA 0 1 0; C A 1 1 0; C A 1 1 20", "S1", "^hAD" },
    { "the SYN was captured behind its answer", "S SA 0 1 0; C S 0 0 0; C A 1 1 0",
      "S1", "^hSA" },
    { "the SYN-ACK was not captured", "C S 0 0 0; C A 1 1 0; C A 1 1 20; S A 1 21 9",
      "OTH", "SADd" },
    { "taken back by the client", "C S 0 0 0; C R 1 0 0", "RSTOS0", "SR" },
    { "taken back when it was answered", "C S 0 0 0; S SA 0 1 0; C R 1 0 0",
      "RSTO", "ShR" },
    { "a SYN-ACK and a RST, one-sided", "S SA 0 1 0; S R 1 0 0", "RSTRH", "^hr" },
    { "a SYN-ACK and a FIN, one-sided", "S SA 0 1 0; S AF 1 1 0", "SHR", "^hf" },
    { "a client alone", "C S 0 0 0; C A 1 1 0; C A 1 1 20; C AF 21 90 0", "SH", "SADF" },
    { "data on the SYN", "C S 0 0 9; S SA 0 10 0; C A 10 1 0; S A 1 10 5", "S1", "ShAd" },
};

static const struct history_case closings[] = {
    { "the client first", OPEN "C AF 1 1 0; S AF 1 2 0; C A 2 2 0", "SF", "ShAFf" },
    { "a FIN with data is a FIN", OPEN "C A 1 1 20; S AF 1 21 30; C AF 21 32 0; S A 32 22 0",
      "SF", "ShADfFa" },
    { "the client alone", OPEN "C AF 1 1 0; S A 1 2 0", "S2", "ShAFa" },
    { "the server alone", OPEN "S AF 1 1 0; C A 1 2 0", "S3", "ShAf" },
    { "a FIN sent again", OPEN "C AF 1 1 0; C AF 1 1 0; S AF 1 2 0", "SF", "ShAFf" },
    { "a FIN and another one", OPEN "C AF 1 1 0; C AF 5 1 0; S AF 1 2 0", "SF", "ShAFFf" },
    { "a RST of the client", OPEN "C A 1 1 20; C RA 21 1 0", "RSTO", "ShADR" },
    { "a RST of the server", OPEN "C A 1 1 20; S RA 1 21 0", "RSTR", "ShADr" },
    { "the same RST again", OPEN "S R 1 0 0; S R 1 0 0", "RSTR", "ShAr" },
    { "RSTs with other numbers", OPEN "C A 1 1 20; C R 21 0 0; C R 30 0 0; C R 31 0 0",
      "RSTO", "ShADRRR" },
    { "a RST of both, and no byte", OPEN "C R 1 0 0; S R 1 0 0", "REJ", "ShARr" },
    { "a RST after both FINs sweeps up", OPEN "C AF 1 1 0; S AF 1 2 0; C R 2 0 0",
      "SF", "ShAFfR" },
    { "a RST after its own FIN", OPEN "C AF 1 1 0; S A 1 2 9; C R 2 0 0",
      "RSTO", "ShAFdR" },
    { "a FIN, a RST, and the other FIN", OPEN "C AF 1 1 0; C R 2 0 0; S AF 1 2 0",
      "SF", "ShAFRf" },
    { "a FIN after a RST", OPEN "C A 1 1 9; C R 10 0 0; C AF 10 1 0", "RSTO", "ShADRF" },
    { "FIN and RST in one", OPEN "C A 1 1 9; C RFA 10 1 0", "RSTO", "ShADI" },
    { "midstream", "C A 500 700 20; S A 700 520 30", "OTH", "Dd" },
    { "midstream, and its end", "C A 500 700 20; S AF 700 520 0; C AF 520 701 0",
      "SF", "DfF" },
    { "a RST from nowhere", "C R 700 0 0", "OTH", "R" },
};

#define CLOSED_10                                                                  \
    "C A 1 1 0*; C A 1 1 0*; C A 1 1 0*; C A 1 1 0*; C A 1 1 0*; C A 1 1 0*; "     \
    "C A 1 1 0*; C A 1 1 0*; C A 1 1 0*; C A 1 1 0*; "

static const struct history_case counted[] = {
    { "a window closed once", OPEN "C A 1 1 0*; C A 1 1 0", "S1", "ShAW" },
    { "ten packets with a closed window", OPEN CLOSED_10 "S A 1 1 5", "S1", "ShAWWd" },
    { "a closed window behind the other's FIN", OPEN "S AF 1 1 0; C A 1 2 0*",
      "S3", "ShAf" },
    { "of a RST it means nothing", OPEN "C R 1 0 0*", "RSTO", "ShAR" },
    { "sent again", OPEN "C A 1 1 20; C A 1 1 20; S A 1 21 0", "S1", "ShADTa" },
    { "sent again, and more", OPEN "C A 1 1 20; C A 1 1 25; S A 1 26 0", "S1", "ShADa" },
    { "sent late", OPEN "C A 21 1 9; C A 1 1 20; S A 1 30 0", "S1", "ShADTa" },
    { "a probe with a byte", OPEN "C A 1 1 20; S A 1 21 0; C A 20 1 1; S A 1 21 0",
      "S1", "ShADaT" },
    { "a probe without", OPEN "C A 1 1 20; S A 1 21 0; C A 20 1 0", "S1", "ShADa" },
    { "sent again with the FIN", OPEN "C A 1 1 20; C AF 1 1 20; C AF 1 1 20; S A 1 22 0",
      "S2", "ShADFTa" },
};

static const struct history_case gaps[] = {
    { "acknowledged, never seen", OPEN "C A 1 1 20; S A 101 21 9; C A 21 110 0; "
      "C A 21 110 30", "S1", "ShADdg" },
    { "the end of a response", OPEN "C A 1 1 20; S A 1 21 0; S AF 90 21 0; C A 21 91 0; "
      "C AF 21 91 0; S A 91 22 0", "SF", "ShADafgF" },
    { "two of them", OPEN "C A 11 1 20; S A 1 31 0; S A 11 31 9; C A 31 20 0; "
      "C AF 31 20 0; S AF 20 32 0; C A 32 21 0", "SF", "ShADaGdgFf" },
    { "not acknowledged: it may come yet", OPEN "C A 1 1 20; S A 101 21 9", "S1", "ShADd" },
    { "of a side that is not captured", "C S 0 0 0; C A 1 1 0; C A 1 1 20; C A 21 900 0",
      "S0", "SAD" },
    { "told by a RST alone", OPEN "C A 1 1 20; S A 1 21 0; C RA 21 400 0", "RSTO",
      "ShADaR" },
};
/* clang-format on */

static void how_they_open(void **state)
{
    (void)state;
    run(openings, ARRAY_LENGTH(openings));
}

static void how_they_close(void **state)
{
    (void)state;
    run(closings, ARRAY_LENGTH(closings));
}

static void what_is_counted(void **state)
{
    (void)state;
    run(counted, ARRAY_LENGTH(counted));
}

static void where_gaps_stand(void **state)
{
    (void)state;
    run(gaps, ARRAY_LENGTH(gaps));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("openings", how_they_open),
        HAZARD("closings", how_they_close),
        HAZARD("counted letters", what_is_counted),
        HAZARD("gaps", where_gaps_stand),
    };
    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
