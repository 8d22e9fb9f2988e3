/* The formats: what export_format_at lists. */
#ifndef EXPORT_FORMATS_H
#define EXPORT_FORMATS_H

#include "hopscope/export.h"

extern const struct export_format jsonl_format, csv_format, har_format, zeek_format,
    eve_format, otel_format;

#endif
