/*
 * Marvell Armada 3720: Ethernet controller (NETA) with its management bus
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Registers, link and interrupts; the queues are in armada3700-neta-rx.c and
 * armada3700-neta-tx.c, what is done with a frame in armada3700-neta-frame.c.
 * Sources: the drivers of Linux and U-Boot (mvneta, mvmdio).
 * Registers that are not named here are storage. Not modelled: hardware buffer
 * management, rate limits, per-CPU interrupts, jumbo frames above 10240 bytes,
 * address windows, energy efficiency, precise time.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/mox/armada3700-neta-regs.h"
#include "migration/vmstate.h"

#define PORT_LINK_INPUT         "phy-link"

/* 1522 bytes, counters on, port disabled */
#define GMAC_CTRL_0_RESET       0x8be4
#define UNIT_CONTROL_RESET      UNIT_PHY_POLLING
#define CLOCK_HZ                250000000

/* Link */

static uint32_t gmac_status(const A3700NetaState *s)
{
    static const M88E1510Link none;
    const M88E1510Link *phy = s->has_phy ? &s->phy.link : &none;
    uint32_t config = REG(s, GMAC_AUTONEG);
    uint32_t status = 0;

    if (config & GMAC_AN_SPEED) {
        status |= phy->speed == 1000 ? GMAC_SPEED_1000 :
                  phy->speed == 100 ? GMAC_SPEED_100 : 0;
    } else {
        status |= config & GMAC_CONFIG_1000 ? GMAC_SPEED_1000 :
                  config & GMAC_CONFIG_100 ? GMAC_SPEED_100 : 0;
    }
    if (config & GMAC_AN_DUPLEX ? phy->full_duplex
                                : (config & GMAC_CONFIG_FULL) != 0) {
        status |= GMAC_FULL_DUPLEX;
    }
    if (config & GMAC_AN_PAUSE ? phy->pause
                               : (config & GMAC_CONFIG_PAUSE) != 0) {
        status |= GMAC_PAUSE;
    }
    if ((REG(s, GMAC_CTRL_2) & GMAC_INBAND) && phy->up) {
        status |= GMAC_AN_COMPLETE;
    }
    /* U-Boot forces the link down and up at once, and has one on the board. */
    if (!(REG(s, GMAC_CTRL_2) & GMAC_PORT_RESET) &&
        ((config & GMAC_FORCE_PASS) ||
         (phy->up && !(config & GMAC_FORCE_DOWN)))) {
        status |= GMAC_LINK_UP;
    }
    return status;
}

/* Frames pass: the port is on, and MAC and transceiver have the same speed. */
bool a3700_neta_running(const A3700NetaState *s)
{
    uint32_t status = gmac_status(s);
    unsigned speed = status & GMAC_SPEED_1000 ? 1000 :
                     status & GMAC_SPEED_100 ? 100 : 10;

    return (REG(s, GMAC_CTRL_0) & GMAC_PORT_ENABLE) &&
           (status & GMAC_LINK_UP) && s->has_phy && s->phy.link.up &&
           s->phy.link.speed == speed && s->nic;
}

/* Frames that waited can be received, or be discarded. */
void a3700_neta_flush(A3700NetaState *s)
{
    if (s->nic) {
        qemu_flush_queued_packets(qemu_get_queue(s->nic));
    }
}

/* Something that decides on frames has changed: lets go on what waits. */
static void traffic_changed(A3700NetaState *s)
{
    a3700_neta_send(s);
    a3700_neta_flush(s);
}

static void link_changed(A3700NetaState *s)
{
    bool up = gmac_status(s) & GMAC_LINK_UP;

    if (s->mac_link != up) {
        s->mac_link = up;
        REG(s, MISC_CAUSE) |= MISC_LINK_CHANGE;
    }
    traffic_changed(s);
    a3700_neta_update_irq(s);
}

static void phy_link_changed(void *opaque, int line, int level)
{
    A3700NetaState *s = opaque;

    if (REG(s, UNIT_CONTROL) & UNIT_PHY_POLLING) {
        REG(s, MISC_CAUSE) |= MISC_PHY_CHANGE;
    }
    link_changed(s);
}

/* Interrupts */

static uint32_t intr_cause(const A3700NetaState *s)
{
    uint32_t cause = 0;

    for (unsigned q = 0; q < A3700_NETA_QUEUES; q++) {
        if (s->tx[q].sent > THRESHOLD_HIGH(QUEUE_REG(s, TXQ_SIZE, q))) {
            cause |= CAUSE_TX_SENT(q);
        }
        if (a3700_neta_rxq_interrupt(s, q)) {
            cause |= CAUSE_RX_OCCUPIED(q);
        }
        if (s->rx[q].free < THRESHOLD_HIGH(QUEUE_REG(s, RXQ_THRESHOLD, q))) {
            cause |= CAUSE_RX_FREE(q);
        }
    }
    if (REG(s, MISC_CAUSE) & REG(s, MISC_MASK)) {
        cause |= CAUSE_MISC;
    }
    return cause;
}

/* INTR_ENABLE has the receive queues in 7:0, the transmit queues in 15:8. */
static uint32_t enabled_causes(const A3700NetaState *s)
{
    uint32_t enable = REG(s, INTR_ENABLE);

    return (enable >> 8 & 0xff) | (enable & 0xff) << 8 | 0xffff0000;
}

void a3700_neta_update_irq(A3700NetaState *s)
{
    qemu_set_irq(s->irq, (intr_cause(s) & REG(s, INTR_MASK) &
                          enabled_causes(s)) != 0);
}

/* Management bus */

static void smi_write(A3700NetaState *s, uint32_t value)
{
    bool here = s->has_phy && SMI_PHY(value) == s->phy_address;

    if (value & SMI_READ) {
        REG(s, SMI) = (value & ~SMI_VALUE) | SMI_READ_VALID |
            (here ? m88e1510_read(&s->phy, SMI_REG(value)) : SMI_VALUE);
    } else {
        REG(s, SMI) = value & ~SMI_READ_VALID;
        if (here) {
            m88e1510_write(&s->phy, SMI_REG(value), value & SMI_VALUE);
        }
    }
}

/* Registers */

static bool in_queues(hwaddr addr, hwaddr first)
{
    return addr >= first && addr < first + 4 * A3700_NETA_QUEUES;
}

static uint32_t read_and_clear(A3700NetaState *s, hwaddr addr)
{
    uint32_t value = REG(s, addr);

    REG(s, addr) = 0;
    return value;
}

static uint64_t neta_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700NetaState *s = opaque;

    if (in_queues(addr, RXQ_STATUS)) {
        const A3700NetaRxQueue *queue = &s->rx[(addr - RXQ_STATUS) / 4];

        return queue->occupied | queue->free << 16;
    }
    if (in_queues(addr, TXQ_STATUS)) {
        const A3700NetaTxQueue *queue = &s->tx[(addr - TXQ_STATUS) / 4];

        return queue->pending | queue->sent << 16;
    }
    if (addr >= MIB_FIRST && addr < MIB_END) {
        return read_and_clear(s, addr);
    }
    switch (addr) {
    case RX_DISCARDED:
    case RX_OVERRUN:
        return read_and_clear(s, addr);
    case PORT_STATUS:
        return PORT_TX_FIFO_EMPTY;
    case TXQ_CMD:
        return s->tx_enabled;
    case RXQ_CMD:
        return s->rx_enabled;
    case INTR_CAUSE:
        return intr_cause(s);
    case GMAC_STATUS:
        return gmac_status(s);
    default:
        return REG(s, addr);
    }
}

static bool write_queue_register(A3700NetaState *s, hwaddr addr,
                                 uint32_t value)
{
    if (in_queues(addr, RXQ_STATUS_UPDATE)) {
        a3700_neta_rxq_update(s, (addr - RXQ_STATUS_UPDATE) / 4, value);
    } else if (in_queues(addr, TXQ_UPDATE)) {
        a3700_neta_txq_update(s, (addr - TXQ_UPDATE) / 4, value);
    } else if (in_queues(addr, RXQ_BASE)) {
        REG(s, addr) = value;
        a3700_neta_rxq_restart(s, (addr - RXQ_BASE) / 4);
    } else if (in_queues(addr, TXQ_BASE)) {
        REG(s, addr) = value;
        a3700_neta_txq_restart(s, (addr - TXQ_BASE) / 4);
    } else if (in_queues(addr, RXQ_THRESHOLD) || in_queues(addr, TXQ_SIZE)) {
        REG(s, addr) = value;
        a3700_neta_update_irq(s);
    } else {
        return in_queues(addr, RXQ_STATUS) || in_queues(addr, TXQ_STATUS);
    }
    return true;
}

/* The low byte enables queues, the next one disables them. */
static uint8_t queue_command(uint8_t enabled, uint32_t value)
{
    return (enabled | value) & ~(value >> 8);
}

static void write_port_register(A3700NetaState *s, hwaddr addr, uint32_t value)
{
    switch (addr) {
    case TXQ_CMD:
        s->tx_enabled = queue_command(s->tx_enabled, value);
        traffic_changed(s);
        break;
    case RXQ_CMD:
        s->rx_enabled = queue_command(s->rx_enabled, value);
        traffic_changed(s);
        break;
    case GMAC_CTRL_0:
        REG(s, addr) = value;
        traffic_changed(s);
        break;
    case GMAC_CTRL_2:
    case GMAC_AUTONEG:
        REG(s, addr) = value;
        link_changed(s);
        break;
    case PORT_RX_RESET:
        REG(s, addr) = value;
        if (value & PORT_DMA_RESET) {
            a3700_neta_rx_reset(s);
            traffic_changed(s);
        }
        break;
    case PORT_TX_RESET:
        REG(s, addr) = value;
        if (value & PORT_DMA_RESET) {
            a3700_neta_tx_reset(s);
        }
        break;
    default:
        REG(s, addr) = value;
    }
}

static void neta_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    A3700NetaState *s = opaque;

    if (write_queue_register(s, addr, value) ||
        (addr >= MIB_FIRST && addr < MIB_END)) {
        return;
    }
    switch (addr) {
    case SMI:
        smi_write(s, value);
        break;
    case PORT_STATUS:
    case GMAC_STATUS:
    case INTR_CAUSE:
    case INTR_OLD_CAUSE:
        /* Follow from the queues and the link. */
        break;
    case MISC_CAUSE:
        /* Writing 0 to a bit clears it. */
        REG(s, addr) &= value;
        a3700_neta_update_irq(s);
        break;
    case INTR_MASK:
    case MISC_MASK:
    case INTR_ENABLE:
        REG(s, addr) = value;
        a3700_neta_update_irq(s);
        break;
    case SDMA_CONFIG:
        if (value & SDMA_SWAP_DESCRIPTORS) {
            qemu_log_mask(LOG_UNIMP, "%s: big-endian descriptors\n",
                          TYPE_A3700_NETA);
        }
        REG(s, addr) = value;
        break;
    default:
        write_port_register(s, addr, value);
    }
}

static const MemoryRegionOps neta_ops = {
    .read = neta_read,
    .write = neta_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

/* Network */

static void update_carrier(A3700NetaState *s)
{
    NetClientState *nc = qemu_get_queue(s->nic);

    m88e1510_set_carrier(&s->phy, nc->peer && !nc->link_down);
}

static void neta_link_status_changed(NetClientState *nc)
{
    update_carrier(qemu_get_nic_opaque(nc));
}

static NetClientInfo neta_net_info = {
    .type = NET_CLIENT_DRIVER_NIC,
    .size = sizeof(NICState),
    .receive = a3700_neta_receive,
    .link_status_changed = neta_link_status_changed,
};

/* Life */

static void neta_send_rest(void *opaque)
{
    a3700_neta_send(opaque);
}

static void neta_reset(DeviceState *dev)
{
    A3700NetaState *s = A3700_NETA(dev);
    const uint8_t *mac = s->conf.macaddr.a;

    memset(s->regs, 0, sizeof(s->regs));
    REG(s, GMAC_CTRL_0) = GMAC_CTRL_0_RESET;
    REG(s, UNIT_CONTROL) = UNIT_CONTROL_RESET;
    if (s->mac_at_reset) {
        REG(s, MAC_ADDR_HIGH) = ldl_be_p(mac);
        REG(s, MAC_ADDR_LOW) = lduw_be_p(mac + 4);
    }
    qemu_bh_cancel(s->send);
    a3700_neta_rx_reset(s);
    a3700_neta_tx_reset(s);
    if (s->has_phy) {
        device_cold_reset(DEVICE(&s->phy));
    }
    s->mac_link = gmac_status(s) & GMAC_LINK_UP;
    REG(s, MISC_CAUSE) = 0;
    a3700_neta_update_irq(s);
    a3700_neta_flush(s);
}

static void neta_realize(DeviceState *dev, Error **errp)
{
    A3700NetaState *s = A3700_NETA(dev);

    if (s->clock_frequency == 0) {
        error_setg(errp, "%s: clock-frequency must not be 0",
                   TYPE_A3700_NETA);
        return;
    }
    if (!qdev_realize(DEVICE(&s->phy), NULL, errp)) {
        return;
    }
    s->send = qemu_bh_new_guarded(neta_send_rest, s,
                                  &dev->mem_reentrancy_guard);
    qemu_macaddr_default_if_unset(&s->conf.macaddr);
    if (s->conf.peers.ncs[0]) {
        s->nic = qemu_new_nic(&neta_net_info, &s->conf,
                              object_get_typename(OBJECT(dev)), dev->id,
                              &dev->mem_reentrancy_guard, s);
        qemu_format_nic_info_str(qemu_get_queue(s->nic), s->conf.macaddr.a);
        update_carrier(s);
    }
    qdev_connect_gpio_out_named(DEVICE(&s->phy), M88E1510_LINK, 0,
                                qdev_get_gpio_in_named(dev, PORT_LINK_INPUT,
                                                       0));
}

static void neta_init(Object *obj)
{
    A3700NetaState *s = A3700_NETA(obj);

    object_initialize_child(obj, "phy", &s->phy, TYPE_M88E1510);
    object_property_add_alias(obj, "cable", OBJECT(&s->phy), "cable");
    object_property_add_alias(obj, "partner-speed", OBJECT(&s->phy),
                              "partner-speed");
    qdev_init_gpio_in_named(DEVICE(obj), phy_link_changed, PORT_LINK_INPUT, 1);
    memory_region_init_io(&s->mmio, obj, &neta_ops, s, TYPE_A3700_NETA,
                          A3700_NETA_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->mmio);
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq);
    a3700_neta_rx_init(s);
}

static void neta_finalize(Object *obj)
{
    a3700_neta_rx_finalize(A3700_NETA(obj));
}

static int neta_post_load(void *opaque, int version)
{
    A3700NetaState *s = opaque;

    a3700_neta_update_irq(s);
    /* Goes on with what the bottom half of the saved machine had left. */
    qemu_bh_schedule(s->send);
    return 0;
}

static const VMStateDescription neta_rx_vmstate = {
    .name = "armada3700-neta-rx",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_UINT16(next, A3700NetaRxQueue),
        VMSTATE_UINT16(occupied, A3700NetaRxQueue),
        VMSTATE_UINT16(free, A3700NetaRxQueue),
        VMSTATE_BOOL(waited, A3700NetaRxQueue),
        VMSTATE_TIMER_PTR(coalescing, A3700NetaRxQueue),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription neta_tx_vmstate = {
    .name = "armada3700-neta-tx",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_UINT16(next, A3700NetaTxQueue),
        VMSTATE_UINT16(pending, A3700NetaTxQueue),
        VMSTATE_UINT16(sent, A3700NetaTxQueue),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription neta_vmstate = {
    .name = TYPE_A3700_NETA,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = neta_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32_ARRAY(regs, A3700NetaState, A3700_NETA_SIZE / 4),
        VMSTATE_STRUCT_ARRAY(rx, A3700NetaState, A3700_NETA_QUEUES, 1,
                             neta_rx_vmstate, A3700NetaRxQueue),
        VMSTATE_STRUCT_ARRAY(tx, A3700NetaState, A3700_NETA_QUEUES, 1,
                             neta_tx_vmstate, A3700NetaTxQueue),
        VMSTATE_UINT8(rx_enabled, A3700NetaState),
        VMSTATE_UINT8(tx_enabled, A3700NetaState),
        VMSTATE_BOOL(mac_link, A3700NetaState),
        VMSTATE_END_OF_LIST()
    }
};

static Property neta_properties[] = {
    DEFINE_NIC_PROPERTIES(A3700NetaState, conf),
    DEFINE_PROP_BOOL("has-phy", A3700NetaState, has_phy, true),
    DEFINE_PROP_UINT8("phy-address", A3700NetaState, phy_address, 1),
    DEFINE_PROP_BOOL("mac-at-reset", A3700NetaState, mac_at_reset, false),
    DEFINE_PROP_UINT32("clock-frequency", A3700NetaState, clock_frequency,
                       CLOCK_HZ),
    DEFINE_PROP_END_OF_LIST(),
};

static void neta_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Marvell Armada 3720 Ethernet controller";
    dc->realize = neta_realize;
    dc->reset = neta_reset;
    dc->vmsd = &neta_vmstate;
    device_class_set_props(dc, neta_properties);
    set_bit(DEVICE_CATEGORY_NETWORK, dc->categories);
}

static const TypeInfo neta_info = {
    .name = TYPE_A3700_NETA,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700NetaState),
    .instance_init = neta_init,
    .instance_finalize = neta_finalize,
    .class_init = neta_class_init,
};

static void neta_register_types(void)
{
    type_register_static(&neta_info);
}
type_init(neta_register_types)
