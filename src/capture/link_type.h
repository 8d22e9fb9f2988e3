/* Link types: LINKTYPE_ numbers are the same in every file, DLT_ numbers depend on the
 * system that libpcap runs on. Everything in hopscope speaks LINKTYPE. */
#ifndef CAPTURE_LINK_TYPE_H
#define CAPTURE_LINK_TYPE_H

#include "hopscope/base.h"

/* The LINKTYPE of a number found in a file: without the bits of the FCS length and with
 * the DLT numbers that old programs wrote replaced. */
uint32_t link_type_from_file(uint32_t word);
uint32_t link_type_from_dlt(int dlt);
int link_type_to_dlt(uint32_t link_type);

#endif
