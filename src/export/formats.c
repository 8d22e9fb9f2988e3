#include "export/formats.h"

#include <string.h>

static const struct export_format *const formats[] = {
    &jsonl_format, &csv_format, &har_format, &zeek_format, &eve_format, &otel_format,
};

const struct export_format *export_format_at(size_t index)
{
    return index < ARRAY_LENGTH(formats) ? formats[index] : NULL;
}

const struct export_format *export_format_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++)
        if (strcmp(formats[i]->name, name) == 0) return formats[i];
    return NULL;
}
