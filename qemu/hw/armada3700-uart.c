/*
 * Marvell Armada 3720: UART 0
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is sent leaves at once, so the transmitter is always empty and ready;
 * the baud rate has no effect.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "chardev/char-fe.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "hw/registerfields.h"
#include "migration/vmstate.h"
#include "hw/mox/armada3700-uart.h"

#define UART_SIZE       0x18
#define UART_FIFO_SIZE  64

REG32(UART_RBR, 0x00)
REG32(UART_TSH, 0x04)
REG32(UART_CTRL, 0x08)
    FIELD(UART_CTRL, ERR_INT, 0, 4)     /* overrun, parity, frame, break */
    FIELD(UART_CTRL, RX_RDY_INT, 4, 1)
    FIELD(UART_CTRL, TX_RDY_INT, 5, 1)
    FIELD(UART_CTRL, RXFIFO_RST, 14, 1)
    FIELD(UART_CTRL, TXFIFO_RST, 15, 1)
    FIELD(UART_CTRL, SOFT_RST, 31, 1)
REG32(UART_STAT, 0x0c)
    FIELD(UART_STAT, OVR_ERR, 0, 1)
    FIELD(UART_STAT, BRK_DET, 3, 1)
    FIELD(UART_STAT, ERR, 0, 4)
    FIELD(UART_STAT, RX_RDY, 4, 1)
    FIELD(UART_STAT, TX_RDY, 5, 1)
    FIELD(UART_STAT, TX_EMP, 6, 1)
    FIELD(UART_STAT, RXFIFO_FUL, 12, 1)
    FIELD(UART_STAT, TXFIFO_EMP, 13, 1)
REG32(UART_BRDV, 0x10)
REG32(UART_OSAMP, 0x14)

static uint32_t a3700_uart_stat(A3700UartState *s)
{
    uint32_t stat = s->errors | R_UART_STAT_TXFIFO_EMP_MASK |
                    R_UART_STAT_TX_EMP_MASK | R_UART_STAT_TX_RDY_MASK;

    if (!fifo8_is_empty(&s->rx_fifo)) {
        stat |= R_UART_STAT_RX_RDY_MASK;
    }
    if (fifo8_is_full(&s->rx_fifo)) {
        stat |= R_UART_STAT_RXFIFO_FUL_MASK;
    }
    return stat;
}

static void a3700_uart_update_irq(A3700UartState *s)
{
    const bool tx = s->ctrl & R_UART_CTRL_TX_RDY_INT_MASK;
    const bool rx = (s->ctrl & R_UART_CTRL_RX_RDY_INT_MASK) &&
                    !fifo8_is_empty(&s->rx_fifo);
    const bool error = s->ctrl & s->errors & R_UART_CTRL_ERR_INT_MASK;

    qemu_set_irq(s->irq_tx, tx);
    qemu_set_irq(s->irq_rx, rx || error);
    qemu_set_irq(s->irq_sum, tx || rx || error);
}

static uint64_t a3700_uart_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700UartState *s = opaque;
    uint32_t value = 0;

    switch (addr) {
    case A_UART_RBR:
        if (!fifo8_is_empty(&s->rx_fifo)) {
            value = fifo8_pop(&s->rx_fifo);
            qemu_chr_fe_accept_input(&s->chr);
            a3700_uart_update_irq(s);
        }
        return value;
    case A_UART_CTRL:
        return s->ctrl;
    case A_UART_STAT:
        return a3700_uart_stat(s);
    case A_UART_BRDV:
        return s->brdv;
    case A_UART_OSAMP:
        return s->osamp;
    case A_UART_TSH:
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "%s: no register at 0x%" HWADDR_PRIx
                      "\n", TYPE_A3700_UART, addr);
    }
    return 0;
}

static void a3700_uart_write_ctrl(A3700UartState *s, uint32_t value)
{
    if (value & (R_UART_CTRL_RXFIFO_RST_MASK | R_UART_CTRL_SOFT_RST_MASK)) {
        fifo8_reset(&s->rx_fifo);
        qemu_chr_fe_accept_input(&s->chr);
    }
    s->ctrl = value & ~R_UART_CTRL_SOFT_RST_MASK;
}

static void a3700_uart_write(void *opaque, hwaddr addr, uint64_t value,
                             unsigned size)
{
    A3700UartState *s = opaque;
    const uint8_t byte = value;

    switch (addr) {
    case A_UART_TSH:
        /* Waits for a reader that is slow, as a terminal at a wire would. */
        qemu_chr_fe_write_all(&s->chr, &byte, 1);
        return;
    case A_UART_CTRL:
        a3700_uart_write_ctrl(s, value);
        break;
    case A_UART_STAT:
        s->errors &= ~(value & R_UART_STAT_ERR_MASK);
        break;
    case A_UART_BRDV:
        s->brdv = value;
        return;
    case A_UART_OSAMP:
        s->osamp = value;
        return;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "%s: no writing at 0x%" HWADDR_PRIx
                      "\n", TYPE_A3700_UART, addr);
        return;
    }
    a3700_uart_update_irq(s);
}

static const MemoryRegionOps a3700_uart_ops = {
    .read = a3700_uart_read,
    .write = a3700_uart_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 1,
    .valid.max_access_size = 4,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

static int a3700_uart_can_receive(void *opaque)
{
    A3700UartState *s = opaque;

    return fifo8_num_free(&s->rx_fifo);
}

static void a3700_uart_receive(void *opaque, const uint8_t *buf, int size)
{
    A3700UartState *s = opaque;

    for (int i = 0; i < size; i++) {
        if (fifo8_is_full(&s->rx_fifo)) {
            s->errors |= R_UART_STAT_OVR_ERR_MASK;
            break;
        }
        fifo8_push(&s->rx_fifo, buf[i]);
    }
    a3700_uart_update_irq(s);
}

static void a3700_uart_event(void *opaque, QEMUChrEvent event)
{
    A3700UartState *s = opaque;

    if (event == CHR_EVENT_BREAK) {
        s->errors |= R_UART_STAT_BRK_DET_MASK;
        a3700_uart_update_irq(s);
    }
}

static void a3700_uart_reset(DeviceState *dev)
{
    A3700UartState *s = A3700_UART(dev);

    fifo8_reset(&s->rx_fifo);
    s->ctrl = 0;
    s->errors = 0;
    s->brdv = 0;
    s->osamp = 0;
    a3700_uart_update_irq(s);
}

static void a3700_uart_realize(DeviceState *dev, Error **errp)
{
    A3700UartState *s = A3700_UART(dev);

    qemu_chr_fe_set_handlers(&s->chr, a3700_uart_can_receive,
                             a3700_uart_receive, a3700_uart_event, NULL, s,
                             NULL, true);
}

static void a3700_uart_init(Object *obj)
{
    A3700UartState *s = A3700_UART(obj);
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);

    fifo8_create(&s->rx_fifo, UART_FIFO_SIZE);
    memory_region_init_io(&s->mmio, obj, &a3700_uart_ops, s, TYPE_A3700_UART,
                          UART_SIZE);
    sysbus_init_mmio(sbd, &s->mmio);
    sysbus_init_irq(sbd, &s->irq_sum);
    sysbus_init_irq(sbd, &s->irq_tx);
    sysbus_init_irq(sbd, &s->irq_rx);
}

static void a3700_uart_finalize(Object *obj)
{
    fifo8_destroy(&A3700_UART(obj)->rx_fifo);
}

static const VMStateDescription a3700_uart_vmstate = {
    .name = TYPE_A3700_UART,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_FIFO8(rx_fifo, A3700UartState),
        VMSTATE_UINT32(ctrl, A3700UartState),
        VMSTATE_UINT32(errors, A3700UartState),
        VMSTATE_UINT32(brdv, A3700UartState),
        VMSTATE_UINT32(osamp, A3700UartState),
        VMSTATE_END_OF_LIST()
    }
};

static Property a3700_uart_properties[] = {
    DEFINE_PROP_CHR("chardev", A3700UartState, chr),
    DEFINE_PROP_END_OF_LIST(),
};

static void a3700_uart_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = a3700_uart_realize;
    dc->reset = a3700_uart_reset;
    dc->vmsd = &a3700_uart_vmstate;
    device_class_set_props(dc, a3700_uart_properties);
    set_bit(DEVICE_CATEGORY_INPUT, dc->categories);
}

static const TypeInfo a3700_uart_info = {
    .name = TYPE_A3700_UART,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700UartState),
    .instance_init = a3700_uart_init,
    .instance_finalize = a3700_uart_finalize,
    .class_init = a3700_uart_class_init,
};

static void a3700_uart_register_types(void)
{
    type_register_static(&a3700_uart_info);
}
type_init(a3700_uart_register_types)
