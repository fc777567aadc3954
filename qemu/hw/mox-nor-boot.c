/*
 * Turris MOX: the boot loader in the SPI NOR
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * On the board the secure processor's firmware and Trusted Firmware-A come
 * first. The latter finds U-Boot (BL33) in its firmware image package (FIP, as
 * the documentation of Trusted Firmware-A describes it) in the partition
 * "a53-firmware", loads it to address 0 and starts it at EL2. That is all that
 * is done here; QEMU is the PSCI firmware.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/error-report.h"
#include "exec/address-spaces.h"
#include "sysemu/reset.h"
#include "hw/mox/mox-nor-boot.h"

/* The partition; what it has before the FIP differs between versions. */
#define FIRMWARE_START  0x20000
#define FIRMWARE_END    0x180000
#define FIP_ALIGNMENT   0x1000

#define FIP_MAGIC       0xaa640001
#define UUID_SIZE       16

typedef struct QEMU_PACKED {
    uint32_t magic;
    uint32_t serial;
    uint64_t flags;
} FipHeader;

typedef struct QEMU_PACKED {
    uint8_t uuid[UUID_SIZE];
    uint64_t offset;    /* from the header */
    uint64_t size;
    uint64_t flags;
} FipEntry;

/* "Non-Trusted Firmware BL33" */
static const uint8_t bl33_uuid[UUID_SIZE] = {
    0xd6, 0xd0, 0xee, 0xa7, 0xfc, 0xea, 0xd5, 0x4b,
    0x97, 0x82, 0x99, 0x34, 0xf2, 0x34, 0xb6, 0xe4
};

/*
 * Finds BL33 in the FIP at `fip`. What a package says of its size may go beyond
 * the end of the partition; what is there counts.
 */
static bool mox_find_bl33(const uint8_t *firmware, size_t size, size_t fip,
                          size_t *offset, size_t *length)
{
    static const uint8_t end[UUID_SIZE];
    FipEntry entry;

    for (size_t at = fip + sizeof(FipHeader); at + sizeof(entry) <= size;
         at += sizeof(entry)) {
        memcpy(&entry, firmware + at, sizeof(entry));
        if (!memcmp(entry.uuid, end, UUID_SIZE)) {
            return false;
        }
        if (!memcmp(entry.uuid, bl33_uuid, UUID_SIZE)) {
            const uint64_t start = le64_to_cpu(entry.offset);

            if (start >= size - fip) {
                return false;
            }
            *offset = fip + start;
            *length = MIN(le64_to_cpu(entry.size), size - *offset);
            return true;
        }
    }
    return false;
}

static void mox_nor_boot_reset(void *opaque)
{
    BlockBackend *nor = opaque;
    const size_t size = FIRMWARE_END - FIRMWARE_START;
    g_autofree uint8_t *firmware = g_malloc(size);
    size_t offset, length;

    if (blk_pread(nor, FIRMWARE_START, size, firmware, 0) < 0) {
        warn_report("turris-mox: the NOR cannot be read");
        return;
    }
    for (size_t fip = 0; fip < size; fip += FIP_ALIGNMENT) {
        if (ldl_le_p(firmware + fip) == FIP_MAGIC &&
            mox_find_bl33(firmware, size, fip, &offset, &length)) {
            address_space_write(&address_space_memory, 0,
                                MEMTXATTRS_UNSPECIFIED, firmware + offset,
                                length);
            return;
        }
    }
    warn_report("turris-mox: there is no boot loader in the NOR's partition "
                "a53-firmware");
}

void mox_boot_from_nor(BlockBackend *nor)
{
    qemu_register_reset(mox_nor_boot_reset, nor);
}
