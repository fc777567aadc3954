/*
 * Marvell Armada 3720: mailbox of the secure processor (rWTM)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Behind the mailbox is the firmware of a MOX: what was burned when the board
 * was made, and random numbers. A command is answered at once. Sources: the
 * drivers of Linux (armada-37xx-rwtm-mailbox, turris-mox-rwtm) and U-Boot
 * (mox_sp). Not modelled: hashes, signatures, reading and writing of fuses;
 * these commands are refused as the firmware refuses unknown ones.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/guest-random.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/irq.h"
#include "hw/mox/armada3700-rwtm.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "sysemu/dma.h"

#define RWTM_SIZE           0x100

#define PARAM               0x00    /* 16 words */
#define COMMAND             0x40
#define RETURN_STATUS       0x80
#define RESULT              0x84    /* 16 words */
#define FIFO_STATUS         0xc4
#define   FIFO_READY        0x100   /* and no command waits */
#define HOST_INT            0xc8
#define   INT_DONE          BIT(0)
#define HOST_INT_MASK       0xcc

enum {
    CMD_GET_RANDOM = 1,
    CMD_BOARD_INFO = 2,
    CMD_PUBLIC_KEY = 3,
};

/* Return status: command 9:0, value 29:10, outcome 31:30 */
#define OUTCOME_OK          0u
#define OUTCOME_FAIL        1u
#define OUTCOME_BAD_COMMAND 2u

/* Linux' error numbers, which the firmware uses */
#define FIRMWARE_EINVAL     22
#define FIRMWARE_ENODATA    61

#define RANDOM_TO_MEMORY    1
#define RANDOM_MAX          4096

#define KEY_DIGITS          134
#define KEY_FIRST_DIGITS    6

static void rwtm_update_irq(A3700RwtmState *s)
{
    qemu_set_irq(s->irq, (s->host_int & ~s->host_int_mask) != 0);
}

static void answer(A3700RwtmState *s, uint32_t outcome, uint32_t value)
{
    s->status = (s->command & 0x3ff) | (value & 0xfffff) << 10 | outcome << 30;
}

static void get_random(A3700RwtmState *s)
{
    uint8_t bytes[RANDOM_MAX];
    uint32_t size = s->params[2];

    if (s->params[0] != RANDOM_TO_MEMORY || size > sizeof(bytes)) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: %u random bytes, way %u\n",
                      TYPE_A3700_RWTM, size, s->params[0]);
        answer(s, OUTCOME_FAIL, FIRMWARE_EINVAL);
        return;
    }
    qemu_guest_getrandom_nofail(bytes, size);
    if (dma_memory_write(&address_space_memory, s->params[1], bytes, size,
                         MEMTXATTRS_UNSPECIFIED) != MEMTX_OK) {
        answer(s, OUTCOME_FAIL, FIRMWARE_EINVAL);
        return;
    }
    answer(s, OUTCOME_OK, 0);
}

static void board_info(A3700RwtmState *s)
{
    const MACAddr *macs[] = { &s->mac, &s->mac2 };

    if (!s->manufactured) {
        answer(s, OUTCOME_FAIL, FIRMWARE_ENODATA);
        return;
    }
    s->results[0] = s->serial_number;
    s->results[1] = s->serial_number >> 32;
    s->results[2] = s->board_version;
    s->results[3] = s->ram_mib;
    for (size_t i = 0; i < ARRAY_SIZE(macs); i++) {
        s->results[4 + 2 * i] = lduw_be_p(macs[i]->a);
        s->results[5 + 2 * i] = ldl_be_p(macs[i]->a + 2);
    }
    answer(s, OUTCOME_OK, 0);
}

/* The digits from..from+count of the key; they were checked at realize. */
static uint32_t key_part(const A3700RwtmState *s, unsigned from,
                         unsigned count)
{
    g_autofree char *digits = g_strndup(s->public_key + from, count);

    return strtoul(digits, NULL, 16);
}

static void public_key(A3700RwtmState *s)
{
    if (!s->public_key) {
        answer(s, OUTCOME_FAIL, FIRMWARE_ENODATA);
        return;
    }
    for (unsigned i = 0; i < A3700_RWTM_WORDS; i++) {
        s->results[i] = key_part(s, KEY_FIRST_DIGITS + 8 * i, 8);
    }
    answer(s, OUTCOME_OK, key_part(s, 0, KEY_FIRST_DIGITS));
}

static void run_command(A3700RwtmState *s)
{
    memset(s->results, 0, sizeof(s->results));
    switch (s->command) {
    case CMD_GET_RANDOM:
        get_random(s);
        break;
    case CMD_BOARD_INFO:
        board_info(s);
        break;
    case CMD_PUBLIC_KEY:
        public_key(s);
        break;
    default:
        qemu_log_mask(LOG_UNIMP, "%s: command %u\n", TYPE_A3700_RWTM,
                      s->command);
        answer(s, OUTCOME_BAD_COMMAND, 0);
    }
    s->host_int |= INT_DONE;
    rwtm_update_irq(s);
}

static bool in_words(hwaddr addr, hwaddr first)
{
    return addr >= first && addr < first + 4 * A3700_RWTM_WORDS;
}

static uint64_t rwtm_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700RwtmState *s = opaque;

    if (in_words(addr, PARAM)) {
        return s->params[(addr - PARAM) / 4];
    }
    if (in_words(addr, RESULT)) {
        return s->results[(addr - RESULT) / 4];
    }
    switch (addr) {
    case COMMAND:
        return s->command;
    case RETURN_STATUS:
        return s->status;
    case FIFO_STATUS:
        return FIFO_READY;
    case HOST_INT:
        return s->host_int;
    case HOST_INT_MASK:
        return s->host_int_mask;
    default:
        qemu_log_mask(LOG_UNIMP, "%s: read 0x%" HWADDR_PRIx "\n",
                      TYPE_A3700_RWTM, addr);
        return 0;
    }
}

static void rwtm_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    A3700RwtmState *s = opaque;

    if (in_words(addr, PARAM)) {
        s->params[(addr - PARAM) / 4] = value;
        return;
    }
    switch (addr) {
    case COMMAND:
        s->command = value;
        run_command(s);
        break;
    case HOST_INT:
        s->host_int &= ~value;
        rwtm_update_irq(s);
        break;
    case HOST_INT_MASK:
        s->host_int_mask = value;
        rwtm_update_irq(s);
        break;
    default:
        qemu_log_mask(LOG_UNIMP, "%s: write 0x%" HWADDR_PRIx " = 0x%" PRIx64
                      "\n", TYPE_A3700_RWTM, addr, value);
    }
}

static const MemoryRegionOps rwtm_ops = {
    .read = rwtm_read,
    .write = rwtm_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void rwtm_reset(DeviceState *dev)
{
    A3700RwtmState *s = A3700_RWTM(dev);

    memset(s->params, 0, sizeof(s->params));
    memset(s->results, 0, sizeof(s->results));
    s->command = 0;
    s->status = 0;
    s->host_int = 0;
    s->host_int_mask = UINT32_MAX;
    rwtm_update_irq(s);
}

static bool mac_is_zero(const MACAddr *mac)
{
    return buffer_is_zero(mac->a, sizeof(mac->a));
}

static void rwtm_realize(DeviceState *dev, Error **errp)
{
    A3700RwtmState *s = A3700_RWTM(dev);

    if (s->public_key &&
        (strlen(s->public_key) != KEY_DIGITS ||
         strspn(s->public_key, "0123456789abcdefABCDEF") != KEY_DIGITS)) {
        error_setg(errp, "public-key must have %d hexadecimal digits",
                   KEY_DIGITS);
        return;
    }
    if (mac_is_zero(&s->mac2)) {
        s->mac2 = s->mac;
        stl_be_p(s->mac2.a + 2, ldl_be_p(s->mac.a + 2) + 1);
    }
}

static void rwtm_init(Object *obj)
{
    A3700RwtmState *s = A3700_RWTM(obj);

    memory_region_init_io(&s->mmio, obj, &rwtm_ops, s, TYPE_A3700_RWTM,
                          RWTM_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->mmio);
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq);
}

static int rwtm_post_load(void *opaque, int version)
{
    rwtm_update_irq(opaque);
    return 0;
}

static const VMStateDescription rwtm_vmstate = {
    .name = TYPE_A3700_RWTM,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = rwtm_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32_ARRAY(params, A3700RwtmState, A3700_RWTM_WORDS),
        VMSTATE_UINT32_ARRAY(results, A3700RwtmState, A3700_RWTM_WORDS),
        VMSTATE_UINT32(command, A3700RwtmState),
        VMSTATE_UINT32(status, A3700RwtmState),
        VMSTATE_UINT32(host_int, A3700RwtmState),
        VMSTATE_UINT32(host_int_mask, A3700RwtmState),
        VMSTATE_END_OF_LIST()
    }
};

static Property rwtm_properties[] = {
    DEFINE_PROP_UINT64("serial-number", A3700RwtmState, serial_number,
                       0x0000000d30000001),
    DEFINE_PROP_UINT32("board-version", A3700RwtmState, board_version, 22),
    DEFINE_PROP_UINT32("ram-size", A3700RwtmState, ram_mib, 512),
    DEFINE_PROP_MACADDR("mac", A3700RwtmState, mac),
    DEFINE_PROP_MACADDR("mac2", A3700RwtmState, mac2),
    DEFINE_PROP_STRING("public-key", A3700RwtmState, public_key),
    DEFINE_PROP_BOOL("manufactured", A3700RwtmState, manufactured, true),
    DEFINE_PROP_END_OF_LIST(),
};

static void rwtm_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Marvell Armada 3720 secure processor mailbox";
    dc->realize = rwtm_realize;
    dc->reset = rwtm_reset;
    dc->vmsd = &rwtm_vmstate;
    device_class_set_props(dc, rwtm_properties);
}

static const TypeInfo rwtm_info = {
    .name = TYPE_A3700_RWTM,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700RwtmState),
    .instance_init = rwtm_init,
    .class_init = rwtm_class_init,
};

static void rwtm_register_types(void)
{
    type_register_static(&rwtm_info);
}
type_init(rwtm_register_types)
