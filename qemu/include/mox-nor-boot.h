/*
 * Turris MOX: the boot loader in the SPI NOR
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_NOR_BOOT_H
#define HW_MOX_NOR_BOOT_H

#include "sysemu/block-backend.h"

/*
 * At each reset, loads the boot loader from the NOR to the start of memory,
 * where the processor starts.
 */
void mox_boot_from_nor(BlockBackend *nor);

#endif
