/* conn_state and history as Zeek tells them (SEMANTICS 1): users join on both. A case
 * is a connection in the letters of a history, one packet each, and what must be told:
 *
 *   s SYN  h SYN-ACK  a pure ACK  d two bytes  f FIN  r RST  i FIN and RST
 *
 * in capitals from the side at the high port, which is the client unless a SYN-ACK
 * says otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"

struct state_case {
    const char *packets, *conn_state, *history;
};

/* clang-format off */
static const struct state_case cases[] = {
    /* Attempts. */
    { "S",         "S0",     "S"        },
    { "SSS",       "S0",     "S"        },
    { "Sr",        "REJ",    "Sr"       },
    { "SShr",      "RSTR",   "Shr"      },
    { "SR",        "RSTOS0", "SR"       },
    { "SRr",       "REJ",    "SRr"      },
    { "SF",        "SH",     "SF"       },
    { "Sh",        "S1",     "Sh"       },
    /* The SYN was not captured: the SYN-ACK tells who is the client. */
    { "h",         "OTH",    "^h"       },
    { "hr",        "RSTRH",  "^hr"      },
    { "hf",        "SHR",    "^hf"      },
    { "hAD",       "S1",     "^hAD"     },
    { "hR",        "RSTO",   "^hR"      },
    { "hAFf",      "SF",     "^hAFf"    },
    /* Open, half closed, closed. */
    { "ShA",       "S1",     "ShA"      },
    { "ShADadAdD", "S1",     "ShADad"   },
    { "ShhA",      "S1",     "ShA"      }, /* repeated: nothing new */
    { "ShSA",      "S1",     "ShA"      },
    { "ShAaADDdd", "S1",     "ShAaDd"   },
    { "ShAFa",     "S2",     "ShAFa"    },
    { "ShAfA",     "S3",     "ShAf"     },
    { "ShADFafA",  "SF",     "ShADFaf"  },
    { "ShADadfAF", "SF",     "ShADadfF" },
    /* Resets. */
    { "ShADR",     "RSTO",   "ShADR"    },
    { "ShADr",     "RSTR",   "ShADr"    },
    { "ShADrR",    "RSTR",   "ShADrR"   },
    { "ShArR",     "REJ",    "ShArR"    }, /* no byte either way */
    { "ShADRf",    "RSTO",   "ShADRf"   },
    { "ShADFr",    "RSTR",   "ShADFr"   },
    /* In the middle of things. */
    { "D",         "OTH",    "D"        },
    { "Dd",        "OTH",    "Dd"       },
    { "dA",        "OTH",    "^dA"      },
    { "DR",        "OTH",    "DR"       },
    { "Dr",        "RSTRH",  "Dr"       },
    { "DadF",      "SH",     "DadF"     },
    { "Dadf",      "SHR",    "Dadf"     },
    { "DadFf",     "SF",     "DadFf"    },
    { "AS",        "S0",     "AS"       }, /* the SYN was captured late */
    { "AShA",      "S1",     "ASh"      },
    /* Flags that do not belong together. */
    { "ShADI",     "RSTO",   "ShADI"    },
};
/* clang-format on */

static uint8_t flags_of(char letter)
{
    switch (letter | 32) {
    case 's': return TCP_SYN;
    case 'h': return TCP_SYN | TCP_ACK;
    case 'f': return TCP_FIN | TCP_ACK;
    case 'r': return TCP_RST | TCP_ACK;
    case 'i': return TCP_FIN | TCP_RST | TCP_ACK;
    default: return TCP_ACK;
    }
}

static void run_case(const struct state_case *c, struct hazard_rows *rows)
{
    struct hazard_trace t;
    uint64_t next[2] = {0, 0};
    hazard_trace_init(&t);
    bool is_midstream = strchr("shSH", c->packets[0]) == NULL;
    if (is_midstream || (c->packets[0] | 32) == 'h') next[SIDE_CLIENT] = 1;
    if (is_midstream) next[SIDE_SERVER] = 1;
    for (const char *at = c->packets; *at != 0; at++) {
        enum side from = *at >= 'a' ? SIDE_SERVER : SIDE_CLIENT;
        bool has_data = (*at | 32) == 'd';
        uint8_t flags = flags_of(*at);
        bool is_syn = (flags & TCP_SYN) != 0;
        struct hazard_packet *p =
            hazard_packet_add(&t, from, flags, is_syn ? 0 : next[from],
                              has_data ? bytes_of_text("..") : bytes_of("", 0));
        p->ack = (flags & TCP_ACK) != 0 ? next[1 - from] : 0;
        if (is_syn) next[from] = 1;
        if (has_data) next[from] += 2;
        if ((flags & TCP_FIN) != 0) next[from]++;
    }
    hazard_run_once(&t, rows);
}

static void states_and_histories(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        run_case(&cases[i], &rows);
        const char *conn_state =
            hazard_rows_value(&rows, RECORD_CONNECTION, 0, "conn_state");
        const char *history = hazard_rows_value(&rows, RECORD_CONNECTION, 0, "history");
        bool is_right = strcmp(conn_state, cases[i].conn_state) == 0 &&
                        strcmp(history, cases[i].history) == 0;
        if (!is_right)
            print_message("%s: %s %s\n", cases[i].packets, conn_state, history);
        assert_true(is_right);
    }
    hazard_rows_done(&rows);
}

/* Letters that come at their 1st, 10th, 100th occurrence. */
static void letters_by_powers_of_ten(void **state)
{
    (void)state;
    static const struct {
        int repetitions;
        const char *history;
    } counts[] = {
        {0, "ShADd"},    {1, "ShADdT"},   {9, "ShADdT"},     {10, "ShADdTT"},
        {20, "ShADdTT"}, {99, "ShADdTT"}, {100, "ShADdTTT"}, {110, "ShADdTTT"},
    };
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        hazard_exchange(&t, 1, 10);
        for (int k = 0; k < counts[i].repetitions; k++) {
            hazard_wait(&t, 10 * HAZARD_MS);
            hazard_at(&t, SIDE_CLIENT, 0, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        hazard_run_once(&t, &rows);
        const char *history = hazard_rows_value(&rows, RECORD_CONNECTION, 0, "history");
        assert_string_equal(history, counts[i].history);
    }
    hazard_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("states and histories", states_and_histories),
        HAZARD("letters by powers of ten", letters_by_powers_of_ten),
    };
    return cmocka_run_group_tests_name("conn_state and history", tests, NULL, NULL);
}
