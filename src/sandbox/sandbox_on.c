/* A plain build. */
#include "hopscope/sandbox.h"

enum sandbox_mode sandbox_mode_usual(void)
{
    return SANDBOX_ON;
}
