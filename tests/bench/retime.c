/* retime IN OUT PACKETS START SECONDS: the first PACKETS records of a capture (pcap,
 * microseconds, this machine's byte order), their times stretched or squeezed so that
 * they span SECONDS from START on. Slices of several captures can so be merged into one
 * in which all of them go on at the same time. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { HEADER_BYTES = 24, RECORD_BYTES_MAX = 1 << 18 };

struct record {
    uint32_t seconds, microseconds, captured, length;
    uint8_t data[RECORD_BYTES_MAX];
};

static int record_read(FILE *in, struct record *r)
{
    return fread(r, 16, 1, in) == 1 && r->captured <= RECORD_BYTES_MAX &&
           fread(r->data, 1, r->captured, in) == r->captured;
}

static double record_time(const struct record *r)
{
    return r->seconds + r->microseconds / 1e6;
}

/* Microseconds from the first to the last of `packets` records. */
static double span_of(FILE *in, long packets, struct record *r, double *first)
{
    double last = 0;
    for (long n = 0; n < packets && record_read(in, r); n++) {
        last = record_time(r);
        if (n == 0) *first = last;
    }
    return last - *first + 1e-6;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: retime IN OUT PACKETS START SECONDS\n");
        return 2;
    }
    long packets = atol(argv[3]), done = 0;
    double start = atof(argv[4]), seconds = atof(argv[5]), first = 0;
    uint8_t header[HEADER_BYTES];
    struct record *r = malloc(sizeof *r);
    FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "wb");
    if (r == NULL || in == NULL || out == NULL ||
        fread(header, HEADER_BYTES, 1, in) != 1) {
        perror("retime");
        free(r);
        return 1;
    }
    double span = span_of(in, packets, r, &first);
    fwrite(header, HEADER_BYTES, 1, out);
    fseek(in, HEADER_BYTES, SEEK_SET);
    for (; done < packets && record_read(in, r); done++) {
        double at = start + (record_time(r) - first) / span * seconds;
        r->seconds = (uint32_t)at;
        r->microseconds = (uint32_t)((at - r->seconds) * 1e6);
        fwrite(r, 16 + (size_t)r->captured, 1, out);
    }
    printf("%s: %ld packets\n", argv[2], done);
    free(r);
    fclose(in);
    return fclose(out) == 0 ? 0 : 1;
}
