/*
 * Turris MOX: the bus that tells which modules are plugged in (Moxtet)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A chain of shift registers on SPI, one byte per module. While selected, the
 * chain gives first the CPU module's byte, then a byte of each module from the
 * CPU outwards (kind in the lower half, inputs in the upper), then ones. What
 * is shifted in goes the same way: the module farthest away gets the byte that
 * is sent first. Outputs change when the chip select ends. Sources: the drivers
 * of Linux (moxtet) and U-Boot (turris_mox).
 * Not modelled: what the modules do; their outputs are kept only.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/mox/mox-moxtet.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"

#define ID_CPU_EMMC     0x00
#define ID_CPU_SD       0x10
#define CHAIN_END       0xff

static const struct {
    const char *letter;
    const char *name;
    uint8_t id;
} kinds[] = {
    { "D", "sfp", 0x1 },
    { "B", "pci", 0x2 },
    { "C", "topaz", 0x3 },
    { "E", "peridot", 0x4 },
    { "F", "usb3", 0x5 },
    { "G", "passthrough", 0x6 },
};

static bool add_module(MoxtetState *s, const char *name, Error **errp)
{
    if (s->count == MOXTET_MODULES) {
        error_setg(errp, "a MOX takes %d modules at most", MOXTET_MODULES);
        return false;
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (!g_ascii_strcasecmp(name, kinds[i].letter) ||
            !g_ascii_strcasecmp(name, kinds[i].name)) {
            s->id[s->count++] = kinds[i].id;
            return true;
        }
    }
    error_setg(errp, "there is no module '%s': use B or pci, C or topaz, D or "
               "sfp, E or peridot, F or usb3, G or passthrough", name);
    return false;
}

static void moxtet_realize(SSIPeripheral *dev, Error **errp)
{
    MoxtetState *s = MOXTET(dev);
    g_auto(GStrv) names = NULL;

    s->count = 0;
    if (!s->modules || !*s->modules) {
        return;
    }
    names = g_strsplit_set(s->modules, ":+,", -1);
    for (size_t i = 0; names[i]; i++) {
        if (!add_module(s, names[i], errp)) {
            return;
        }
    }
}

static uint32_t moxtet_transfer(SSIPeripheral *dev, uint32_t value)
{
    MoxtetState *s = MOXTET(dev);
    unsigned position = s->position;

    memmove(s->chain + 1, s->chain, sizeof(s->chain) - 1);
    s->chain[0] = value;
    if (position <= MOXTET_MODULES) {
        s->position++;
    }
    if (position == 0) {
        return s->emmc ? ID_CPU_EMMC : ID_CPU_SD;
    }
    if (position <= s->count) {
        return s->id[position - 1] | s->inputs[position - 1] << 4;
    }
    return CHAIN_END;
}

/* Sent were a byte that falls out at the end, then one for each module, that
 * for the last module first. */
static int moxtet_set_cs(SSIPeripheral *dev, bool deselect)
{
    MoxtetState *s = MOXTET(dev);

    if (deselect && s->position > s->count) {
        for (unsigned i = 0; i < s->count; i++) {
            s->outputs[i] = s->chain[i];
        }
    }
    s->position = 0;
    return 0;
}

static void moxtet_input(void *opaque, int line, int level)
{
    MoxtetState *s = MOXTET(opaque);
    uint8_t bit = 1 << (line % 4);

    if (level) {
        s->inputs[line / 4] |= bit;
    } else {
        s->inputs[line / 4] &= ~bit;
    }
}

static void moxtet_reset(DeviceState *dev)
{
    MoxtetState *s = MOXTET(dev);

    memset(s->outputs, 0, sizeof(s->outputs));
    memset(s->chain, 0, sizeof(s->chain));
    s->position = 0;
}

static void moxtet_init(Object *obj)
{
    qdev_init_gpio_in_named(DEVICE(obj), moxtet_input, MOXTET_INPUTS,
                            4 * MOXTET_MODULES);
}

static int moxtet_post_load(void *opaque, int version)
{
    MoxtetState *s = opaque;

    return s->position > MOXTET_MODULES + 1 ? -EINVAL : 0;
}

static const VMStateDescription moxtet_vmstate = {
    .name = TYPE_MOXTET,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = moxtet_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_SSI_PERIPHERAL(parent_obj, MoxtetState),
        VMSTATE_UINT8_ARRAY(inputs, MoxtetState, MOXTET_MODULES),
        VMSTATE_UINT8_ARRAY(outputs, MoxtetState, MOXTET_MODULES),
        VMSTATE_UINT8_ARRAY(chain, MoxtetState, MOXTET_MODULES + 1),
        VMSTATE_UINT8(position, MoxtetState),
        VMSTATE_END_OF_LIST()
    }
};

static Property moxtet_properties[] = {
    DEFINE_PROP_STRING("modules", MoxtetState, modules),
    DEFINE_PROP_BOOL("emmc", MoxtetState, emmc, false),
    DEFINE_PROP_END_OF_LIST(),
};

static void moxtet_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    SSIPeripheralClass *k = SSI_PERIPHERAL_CLASS(klass);

    dc->desc = "Turris MOX module bus";
    dc->reset = moxtet_reset;
    dc->vmsd = &moxtet_vmstate;
    device_class_set_props(dc, moxtet_properties);
    k->realize = moxtet_realize;
    k->transfer = moxtet_transfer;
    k->set_cs = moxtet_set_cs;
    k->cs_polarity = SSI_CS_LOW;
}

static const TypeInfo moxtet_info = {
    .name = TYPE_MOXTET,
    .parent = TYPE_SSI_PERIPHERAL,
    .instance_size = sizeof(MoxtetState),
    .instance_init = moxtet_init,
    .class_init = moxtet_class_init,
};

static void moxtet_register_types(void)
{
    type_register_static(&moxtet_info);
}
type_init(moxtet_register_types)
