/* One block of SHA-1 by instructions that are made for it, which some machines have.
 * One of two files holds it, chosen by the build. */
#ifndef BASE_SHA1_MACHINE_H
#define BASE_SHA1_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* FIPS 180-4, section 6.1.2: takes 64 bytes into `hash`. False: this machine has no
 * such instructions, and nothing is done. */
bool sha1_machine_block(uint32_t hash[5], const uint8_t *block);

#endif
