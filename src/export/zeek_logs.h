/* Which logs Zeek has of what hopscope knows, and their fields. */
#ifndef EXPORT_ZEEK_LOGS_H
#define EXPORT_ZEEK_LOGS_H

#include "export/mapping.h"

extern const struct mapping zeek_logs[];
extern const size_t zeek_log_count;

#endif
