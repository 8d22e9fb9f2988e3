/* hopscope report: a database as one HTML page. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/options.h"

extern const struct command report_command;

#endif
