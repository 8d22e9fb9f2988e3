/* What is a balancer's header and what is none: whole, and cut at every byte. */
#include "stream/preamble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define TEXT(text)                                \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }
#define FIFTY "12345678901234567890123456789012345678901234567890"

struct preamble_case {
    struct bytes first;
    enum preamble verdict;
    size_t length; /* of a whole one */
};

/* clang-format off */
static const struct preamble_case cases[] = {
    { TEXT("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET"),      PREAMBLE_WHOLE, 32  },
    { TEXT("PROXY TCP6 ::1 ::2 1 2\r\n"),                 PREAMBLE_WHOLE, 24  },
    { TEXT("PROXY UNKNOWN\r\n"),                          PREAMBLE_WHOLE, 15  },
    { TEXT("PROXY UNKNOWN " FIFTY "1234567890123456789012345678901234567890\r\n"),
                                                          PREAMBLE_WHOLE, 106 },
    { TEXT("PROXY UNKNOWN " FIFTY FIFTY "\r\n"),          PREAMBLE_NONE,  0   },
    { TEXT("PROXY TCP4 1.2.3.4\n"),                       PREAMBLE_NONE,  0   },
    { TEXT("PROXY TCP4 \x01\r\n"),                        PREAMBLE_NONE,  0   },
    { TEXT("PROXY TCP4 \xc3\xa4\r\n"),                    PREAMBLE_NONE,  0   },
    { TEXT("PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n"),         PREAMBLE_NONE,  0   },
    { TEXT("PROXY / HTTP/1.1\r\n"),                       PREAMBLE_NONE,  0   },
    { TEXT("PROPFIND / HTTP/1.1\r\n"),                    PREAMBLE_NONE,  0   },
    { TEXT("GET / HTTP/1.1\r\n"),                         PREAMBLE_NONE,  0   },
    { TEXT(SIGNATURE "\x20\x00\x00\x00GET"),              PREAMBLE_WHOLE, 16  },
    { TEXT(SIGNATURE "\x21\x11\x00\x0c" "123456789012"),  PREAMBLE_WHOLE, 28  },
    { TEXT(SIGNATURE "\x21\x11\x00\x0c" "12345678901"),   PREAMBLE_MORE,  0   },
    { TEXT(SIGNATURE "\x21\x11\x1f\xf0"),                 PREAMBLE_MORE,  0   },
    { TEXT(SIGNATURE "\x21\x11\x1f\xf1"),                 PREAMBLE_NONE,  0   },
    { TEXT(SIGNATURE "\x11\x11\x00\x0c"),                 PREAMBLE_NONE,  0   },
    { TEXT(SIGNATURE "\x22\x11\x00\x0c"),                 PREAMBLE_NONE,  0   },
    { TEXT("\r\n\r\nGET / HTTP/1.1\r\n"),                 PREAMBLE_NONE,  0   },
};
/* clang-format on */

static void each_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        size_t length = 0;
        if (preamble_find(cases[i].first, &length) != cases[i].verdict ||
            length != cases[i].length)
            fail_msg("case %zu: length %zu", i, length);
    }
}

/* Of a whole one, each beginning asks for more; of another, none says that it is one.
 */
static void no_beginning_is_decided_too_early(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct preamble_case *c = &cases[i];
        for (size_t len = 1; len < c->first.len; len++) {
            size_t length = 0;
            enum preamble now = preamble_find(bytes_first(c->first, len), &length);
            bool is_right = now != PREAMBLE_WHOLE;
            if (c->verdict == PREAMBLE_WHOLE)
                is_right = now == (len < c->length ? PREAMBLE_MORE : PREAMBLE_WHOLE);
            if (!is_right) fail_msg("case %zu, %zu bytes", i, len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_told),
        cmocka_unit_test(no_beginning_is_decided_too_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
