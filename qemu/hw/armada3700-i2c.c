/*
 * Marvell Armada 3720: I2C controller
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The PXA's controller with a closer register layout. Each byte is transferred
 * at once, when software sets the bit TB. Sources: the drivers of Linux
 * (i2c-pxa) and U-Boot (mv_i2c). Not modelled: slave mode, arbitration, other
 * masters, the time that a byte takes.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "hw/irq.h"
#include "hw/mox/armada3700-i2c.h"
#include "migration/vmstate.h"

#define I2C_SIZE        0x24

#define IBMR            0x00    /* levels of the two lines */
#define   IBMR_IDLE     0x3
#define IDBR            0x04
#define ICR             0x08
#define   ICR_START     BIT(0)
#define   ICR_STOP      BIT(1)
#define   ICR_NACK      BIT(2)
#define   ICR_TB        BIT(3)
#define   ICR_MA        BIT(4)
#define   ICR_IUE       BIT(6)
#define   ICR_ITEIE     BIT(8)
#define   ICR_IRFIE     BIT(9)
#define   ICR_BEIE      BIT(10)
#define   ICR_UR        BIT(14)
#define   ICR_STORED    0xfffff
#define ISR             0x0c
#define   ISR_RWM       BIT(0)
#define   ISR_ACKNAK    BIT(1)
#define   ISR_UB        BIT(2)
#define   ISR_ITE       BIT(6)
#define   ISR_IRF       BIT(7)
#define   ISR_BED       BIT(10)
#define   ISR_CLEARABLE 0x7f0
#define ISAR            0x10

static void i2c_update_irq(A3700I2CState *s)
{
    bool level = (s->control & ICR_IUE) &&
        (((s->status & ISR_ITE) && (s->control & ICR_ITEIE)) ||
         ((s->status & ISR_IRF) && (s->control & ICR_IRFIE)) ||
         ((s->status & ISR_BED) && (s->control & ICR_BEIE)));

    qemu_set_irq(s->irq, level);
}

static void end_transfer(A3700I2CState *s)
{
    i2c_end_transfer(s->bus);
    s->status &= ~(ISR_UB | ISR_RWM);
    s->reading = false;
}

/* The other side did not answer: the controller gives the bus free. */
static void not_acknowledged(A3700I2CState *s)
{
    end_transfer(s);
    s->status |= ISR_BED | ISR_ACKNAK;
}

static void send_address(A3700I2CState *s)
{
    s->reading = s->data & 1;
    s->status &= ~ISR_RWM;
    s->status |= ISR_UB | (s->reading ? ISR_RWM : 0);
    if (i2c_start_transfer(s->bus, s->data >> 1, s->reading) != 0) {
        not_acknowledged(s);
    }
    s->status |= ISR_ITE;
}

static void send_byte(A3700I2CState *s)
{
    if (i2c_send(s->bus, s->data) != 0) {
        not_acknowledged(s);
    }
    s->status |= ISR_ITE;
}

static void receive_byte(A3700I2CState *s)
{
    s->data = i2c_recv(s->bus);
    if (s->control & ICR_NACK) {
        i2c_nack(s->bus);
        s->status |= ISR_ACKNAK;
    }
    s->status |= ISR_IRF;
}

static void transfer_byte(A3700I2CState *s)
{
    s->status &= ~ISR_ACKNAK;
    if (s->control & ICR_START) {
        send_address(s);
    } else if (!(s->status & ISR_UB)) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: a byte without a start\n",
                      TYPE_A3700_I2C);
        not_acknowledged(s);
    } else if (s->reading) {
        receive_byte(s);
    } else {
        send_byte(s);
    }
    if (s->control & ICR_STOP) {
        end_transfer(s);
    }
    s->control &= ~ICR_TB;
}

static void write_control(A3700I2CState *s, uint32_t value)
{
    s->control = value & ICR_STORED;
    if (value & ICR_UR) {
        end_transfer(s);
        s->status = 0;
        return;
    }
    if (!(value & ICR_IUE)) {
        return;
    }
    if (value & ICR_TB) {
        transfer_byte(s);
    } else if (value & ICR_MA) {
        /* A stop without a byte */
        end_transfer(s);
    }
}

static uint64_t i2c_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700I2CState *s = opaque;

    switch (addr) {
    case IBMR:
        return IBMR_IDLE;
    case IDBR:
        return s->data;
    case ICR:
        return s->control;
    case ISR:
        return s->status;
    case ISAR:
        return s->slave_address;
    default:
        qemu_log_mask(LOG_UNIMP, "%s: read 0x%" HWADDR_PRIx "\n",
                      TYPE_A3700_I2C, addr);
        return 0;
    }
}

static void i2c_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    A3700I2CState *s = opaque;

    switch (addr) {
    case IDBR:
        s->data = value & 0xff;
        break;
    case ICR:
        write_control(s, value);
        break;
    case ISR:
        s->status &= ~(value & ISR_CLEARABLE);
        break;
    case ISAR:
        s->slave_address = value & 0x7f;
        qemu_log_mask(LOG_UNIMP, "%s: slave mode\n", TYPE_A3700_I2C);
        break;
    default:
        qemu_log_mask(LOG_UNIMP, "%s: write 0x%" HWADDR_PRIx " = 0x%"
                      PRIx64 "\n", TYPE_A3700_I2C, addr, value);
    }
    i2c_update_irq(s);
}

static const MemoryRegionOps i2c_ops = {
    .read = i2c_read,
    .write = i2c_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void i2c_reset(DeviceState *dev)
{
    A3700I2CState *s = A3700_I2C(dev);

    i2c_end_transfer(s->bus);
    s->data = 0;
    s->control = 0;
    s->status = 0;
    s->slave_address = 0;
    s->reading = false;
    i2c_update_irq(s);
}

static void i2c_init(Object *obj)
{
    A3700I2CState *s = A3700_I2C(obj);

    s->bus = i2c_init_bus(DEVICE(obj), "i2c");
    memory_region_init_io(&s->mmio, obj, &i2c_ops, s, TYPE_A3700_I2C,
                          I2C_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->mmio);
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq);
}

static int i2c_post_load(void *opaque, int version)
{
    i2c_update_irq(opaque);
    return 0;
}

static const VMStateDescription i2c_vmstate = {
    .name = TYPE_A3700_I2C,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = i2c_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32(data, A3700I2CState),
        VMSTATE_UINT32(control, A3700I2CState),
        VMSTATE_UINT32(status, A3700I2CState),
        VMSTATE_UINT32(slave_address, A3700I2CState),
        VMSTATE_BOOL(reading, A3700I2CState),
        VMSTATE_END_OF_LIST()
    }
};

static void i2c_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Marvell Armada 3720 I2C controller";
    dc->reset = i2c_reset;
    dc->vmsd = &i2c_vmstate;
}

static const TypeInfo i2c_info = {
    .name = TYPE_A3700_I2C,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700I2CState),
    .instance_init = i2c_init,
    .class_init = i2c_class_init,
};

static void i2c_register_types(void)
{
    type_register_static(&i2c_info);
}
type_init(i2c_register_types)
