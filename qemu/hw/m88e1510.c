/*
 * Marvell 88E1510 (Alaska): gigabit Ethernet transceiver
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Copper page (0) with auto-negotiation against a partner that is described by
 * properties; all other pages are storage. Sources: IEEE 802.3 clause 22 and
 * 28, and what the drivers of Linux and U-Boot name and read.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "hw/irq.h"
#include "hw/net/mii.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "hw/mox/m88e1510.h"

#define PAGE_COPPER         0
#define PAGE_MAC            2
#define PAGE_MISC_TEST      6
#define PAGE_GENERAL        18

#define ID1                 0x0141
#define ID2                 0x0dd1
#define BMCR_RESET_VALUE    0x1140
#define BMSR_ABILITIES      0x7949
#define BMSR_STATES         (MII_BMSR_AN_COMP | MII_BMSR_LINK_ST)
#define EXTSTAT_1000T       0x3000

/* Drivers look once a second, and must not miss that the link was down. */
#define AUTONEG_MS          1200

/* Registers of page 0 beyond the standard's */
#define REG_CONTROL         16
#define REG_STATUS          17
#define   STATUS_1000       0x8000
#define   STATUS_100        0x4000
#define   STATUS_FULL       0x2000
#define   STATUS_RECEIVED   0x1000
#define   STATUS_RESOLVED   0x0800
#define   STATUS_LINK       0x0400
#define   STATUS_TX_PAUSE   0x0008
#define   STATUS_RX_PAUSE   0x0004
#define REG_INT_ENABLE      18
#define REG_INT_STATUS      19
#define   INT_SPEED         0x4000
#define   INT_DUPLEX        0x2000
#define   INT_AUTONEG       0x0800
#define   INT_LINK          0x0400
#define REG_RX_ERRORS       21
#define REG_PAGE            22

/* Page 6: temperature, in degrees Celsius above -25 */
#define REG_TEMP_LIMIT      26
#define REG_TEMP            27
#define TEMP_LIMIT_100C     0x1900
#define TEMP_45C            70

/* Page 18 */
#define REG_GENERAL_1       20
#define   GENERAL_1_RESET   0x8000

#define STAT1000_MASTER     0x4000
#define STAT1000_RX_OK      0x3000
#define ANER_COMPLETE       0x0007

static void m88e1510_update_interrupt(M88E1510State *s)
{
    uint16_t *regs = s->regs[PAGE_COPPER];

    qemu_set_irq(s->interrupt,
                 (regs[REG_INT_STATUS] & regs[REG_INT_ENABLE]) != 0);
}

static void m88e1510_set_link(M88E1510State *s, const M88E1510Link *link)
{
    uint16_t *events = &s->regs[PAGE_COPPER][REG_INT_STATUS];

    if (s->link.up != link->up) {
        *events |= INT_LINK;
    }
    if (link->up && s->link.speed != link->speed) {
        *events |= INT_SPEED;
    }
    if (link->up && s->link.full_duplex != link->full_duplex) {
        *events |= INT_DUPLEX;
    }
    if (s->link.up && !link->up) {
        s->link_lost = true;
    }
    s->link = *link;
    m88e1510_update_interrupt(s);
    qemu_set_irq(s->link_out, link->up);
}

static bool partner_can(const M88E1510State *s, unsigned speed, bool full)
{
    return speed <= s->partner_speed && (!full || !s->partner_half_duplex);
}

/* What the partner says of itself in register 5. */
static uint16_t partner_ability(const M88E1510State *s)
{
    uint16_t ability = MII_ANLPAR_CSMACD | MII_ANLPAR_ACK | MII_ANLPAR_10;

    if (partner_can(s, 10, true)) {
        ability |= MII_ANLPAR_10FD | MII_ANLPAR_PAUSE;
    }
    if (partner_can(s, 100, false)) {
        ability |= MII_ANLPAR_TX;
    }
    if (partner_can(s, 100, true)) {
        ability |= MII_ANLPAR_TXFD;
    }
    return ability;
}

/* The best of what both ends can: the order of IEEE 802.3 annex 28B.3. */
static M88E1510Link best_common(const M88E1510State *s)
{
    const uint16_t *regs = s->regs[PAGE_COPPER];
    const struct {
        uint16_t speed;
        bool full;
        bool mine;
    } choices[] = {
        { 1000, true, regs[MII_CTRL1000] & MII_CTRL1000_FULL },
        { 1000, false, regs[MII_CTRL1000] & MII_CTRL1000_HALF },
        { 100, true, regs[MII_ANAR] & MII_ANAR_TXFD },
        { 100, false, regs[MII_ANAR] & MII_ANAR_TX },
        { 10, true, regs[MII_ANAR] & MII_ANAR_10FD },
        { 10, false, regs[MII_ANAR] & MII_ANAR_10 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
        if (choices[i].mine &&
            partner_can(s, choices[i].speed, choices[i].full)) {
            return (M88E1510Link) {
                .up = true,
                .speed = choices[i].speed,
                .full_duplex = choices[i].full,
                .pause = choices[i].full &&
                         (regs[MII_ANAR] & MII_ANAR_PAUSE),
            };
        }
    }
    return (M88E1510Link) { };
}

/* Without negotiation: what BMCR says, if the partner can follow. */
static M88E1510Link forced(const M88E1510State *s)
{
    uint16_t bmcr = s->regs[PAGE_COPPER][MII_BMCR];
    unsigned speed = bmcr & MII_BMCR_SPEED1000 ? 1000 :
                     bmcr & MII_BMCR_SPEED100 ? 100 : 10;

    if (!partner_can(s, speed, false)) {
        return (M88E1510Link) { };
    }
    return (M88E1510Link) {
        .up = true, .speed = speed, .full_duplex = bmcr & MII_BMCR_FD,
    };
}

static void m88e1510_autoneg_done(void *opaque)
{
    M88E1510State *s = opaque;
    M88E1510Link link = best_common(s);

    s->autoneg_complete = true;
    s->regs[PAGE_COPPER][REG_INT_STATUS] |= INT_AUTONEG;
    m88e1510_set_link(s, &link);
}

/* Takes the link down and brings up what the registers and the cable allow. */
static void m88e1510_renegotiate(M88E1510State *s)
{
    uint16_t bmcr = s->regs[PAGE_COPPER][MII_BMCR];
    M88E1510Link link = { };

    timer_del(s->autoneg);
    s->autoneg_complete = false;
    m88e1510_set_link(s, &link);
    if (!s->cable || !s->carrier || (bmcr & MII_BMCR_PDOWN)) {
        return;
    }
    if (!(bmcr & MII_BMCR_AUTOEN)) {
        link = forced(s);
        m88e1510_set_link(s, &link);
    } else if (s->autoneg_ms == 0) {
        m88e1510_autoneg_done(s);
    } else {
        timer_mod(s->autoneg, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) +
                              s->autoneg_ms);
    }
}

static uint16_t read_status(const M88E1510State *s)
{
    uint16_t value = 0;

    if (s->link.up) {
        value |= STATUS_RESOLVED | STATUS_LINK;
        value |= s->link.speed == 1000 ? STATUS_1000 :
                 s->link.speed == 100 ? STATUS_100 : 0;
        value |= s->link.full_duplex ? STATUS_FULL : 0;
        value |= s->link.pause ? STATUS_TX_PAUSE | STATUS_RX_PAUSE : 0;
    }
    if (s->autoneg_complete) {
        value |= STATUS_RECEIVED;
    }
    return value;
}

static uint16_t read_bmsr(M88E1510State *s)
{
    uint16_t value = BMSR_ABILITIES;

    if (s->autoneg_complete) {
        value |= MII_BMSR_AN_COMP;
    }
    if (s->link.up && !s->link_lost) {
        value |= MII_BMSR_LINK_ST;
    }
    s->link_lost = false;
    return value;
}

static uint16_t read_stat1000(const M88E1510State *s)
{
    uint16_t value = 0;

    if (s->autoneg_complete && partner_can(s, 1000, false)) {
        value |= MII_STAT1000_HALF;
        value |= partner_can(s, 1000, true) ? MII_STAT1000_FULL : 0;
    }
    if (s->link.speed == 1000) {
        value |= STAT1000_MASTER | STAT1000_RX_OK;
    }
    return value;
}

static uint16_t read_copper(M88E1510State *s, unsigned reg)
{
    uint16_t *regs = s->regs[PAGE_COPPER];
    uint16_t value;

    switch (reg) {
    case MII_BMSR:
        return read_bmsr(s);
    case MII_ANLPAR:
        return s->autoneg_complete ? partner_ability(s) : 0;
    case MII_ANER:
        return s->autoneg_complete ? ANER_COMPLETE : 0;
    case MII_STAT1000:
        return read_stat1000(s);
    case MII_MDDAADR:
        /* The indirect registers (energy efficiency) are not there. */
        return 0;
    case REG_STATUS:
        return read_status(s);
    case REG_INT_STATUS:
        value = regs[REG_INT_STATUS];
        regs[REG_INT_STATUS] = 0;
        m88e1510_update_interrupt(s);
        return value;
    default:
        return regs[reg];
    }
}

uint16_t m88e1510_read(M88E1510State *s, unsigned reg)
{
    reg %= M88E1510_REGS;
    switch (reg) {
    case MII_PHYID1:
        return ID1;
    case MII_PHYID2:
        return ID2;
    case REG_PAGE:
        return s->page;
    }
    if (s->page == PAGE_COPPER) {
        return read_copper(s, reg);
    }
    if (s->page >= M88E1510_PAGES) {
        qemu_log_mask(LOG_UNIMP, "%s: read of page %u, register %u\n",
                      TYPE_M88E1510, s->page, reg);
        return 0;
    }
    return s->regs[s->page][reg];
}

static void reset_registers(M88E1510State *s)
{
    uint16_t *regs = s->regs[PAGE_COPPER];

    memset(s->regs, 0, sizeof(s->regs));
    s->page = PAGE_COPPER;
    regs[MII_BMCR] = BMCR_RESET_VALUE;
    regs[MII_ANAR] = MII_ANAR_CSMACD | MII_ANAR_10 | MII_ANAR_10FD |
                     MII_ANAR_TX | MII_ANAR_TXFD;
    regs[MII_ANNP] = 0x2001;
    regs[MII_CTRL1000] = MII_CTRL1000_FULL | MII_CTRL1000_HALF;
    regs[MII_EXTSTAT] = EXTSTAT_1000T;
    regs[REG_CONTROL] = 0x3060;
    s->regs[PAGE_MISC_TEST][REG_TEMP_LIMIT] = TEMP_LIMIT_100C;
    s->regs[PAGE_MISC_TEST][REG_TEMP] = TEMP_45C;
}

static void write_bmcr(M88E1510State *s, uint16_t value)
{
    uint16_t *bmcr = &s->regs[PAGE_COPPER][MII_BMCR];
    uint16_t kept = value & ~(MII_BMCR_RESET | MII_BMCR_ANRESTART);
    bool again = value & (MII_BMCR_RESET | MII_BMCR_ANRESTART);

    if (value & MII_BMCR_LOOPBACK) {
        qemu_log_mask(LOG_UNIMP, "%s: loopback\n", TYPE_M88E1510);
    }
    again |= (kept ^ *bmcr) & (MII_BMCR_AUTOEN | MII_BMCR_PDOWN |
                               MII_BMCR_FD | MII_BMCR_SPEED100 |
                               MII_BMCR_SPEED1000);
    *bmcr = kept;
    if (again) {
        m88e1510_renegotiate(s);
    }
}

static void write_copper(M88E1510State *s, unsigned reg, uint16_t value)
{
    switch (reg) {
    case MII_BMCR:
        write_bmcr(s, value);
        break;
    case MII_BMSR:
    case MII_ANLPAR:
    case MII_ANER:
    case MII_STAT1000:
    case MII_EXTSTAT:
    case REG_STATUS:
    case REG_INT_STATUS:
    case REG_RX_ERRORS:
        qemu_log_mask(LOG_GUEST_ERROR, "%s: write of register %u, which can "
                      "only be read\n", TYPE_M88E1510, reg);
        break;
    case REG_INT_ENABLE:
        s->regs[PAGE_COPPER][reg] = value;
        m88e1510_update_interrupt(s);
        break;
    default:
        s->regs[PAGE_COPPER][reg] = value;
    }
}

void m88e1510_write(M88E1510State *s, unsigned reg, uint16_t value)
{
    reg %= M88E1510_REGS;
    if (reg == REG_PAGE) {
        s->page = value;
    } else if (reg == MII_PHYID1 || reg == MII_PHYID2) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: write of the identifier\n",
                      TYPE_M88E1510);
    } else if (s->page == PAGE_COPPER) {
        write_copper(s, reg, value);
    } else if (s->page == PAGE_GENERAL && reg == REG_GENERAL_1) {
        s->regs[PAGE_GENERAL][reg] = value & ~GENERAL_1_RESET;
        if (value & GENERAL_1_RESET) {
            m88e1510_renegotiate(s);
        }
    } else if (s->page == PAGE_MISC_TEST && reg == REG_TEMP) {
        /* Can only be read. */
    } else if (s->page < M88E1510_PAGES) {
        s->regs[s->page][reg] = value;
    } else {
        qemu_log_mask(LOG_UNIMP, "%s: write of page %u, register %u\n",
                      TYPE_M88E1510, s->page, reg);
    }
}

void m88e1510_set_carrier(M88E1510State *s, bool carrier)
{
    if (s->carrier != carrier) {
        s->carrier = carrier;
        m88e1510_renegotiate(s);
    }
}

static void m88e1510_reset(DeviceState *dev)
{
    M88E1510State *s = M88E1510(dev);

    reset_registers(s);
    m88e1510_renegotiate(s);
    s->link_lost = false;
    s->regs[PAGE_COPPER][REG_INT_STATUS] = 0;
}

/* Properties that may change while the machine runs */

static bool get_cable(Object *obj, Error **errp)
{
    return M88E1510(obj)->cable;
}

static void set_cable(Object *obj, bool value, Error **errp)
{
    M88E1510State *s = M88E1510(obj);

    if (s->cable != value) {
        s->cable = value;
        m88e1510_renegotiate(s);
    }
}

static bool get_partner_half_duplex(Object *obj, Error **errp)
{
    return M88E1510(obj)->partner_half_duplex;
}

static void set_partner_half_duplex(Object *obj, bool value, Error **errp)
{
    M88E1510(obj)->partner_half_duplex = value;
    m88e1510_renegotiate(M88E1510(obj));
}

static void get_partner_speed(Object *obj, Visitor *v, const char *name,
                              void *opaque, Error **errp)
{
    visit_type_uint32(v, name, &M88E1510(obj)->partner_speed, errp);
}

static void set_partner_speed(Object *obj, Visitor *v, const char *name,
                              void *opaque, Error **errp)
{
    uint32_t speed;

    if (!visit_type_uint32(v, name, &speed, errp)) {
        return;
    }
    if (speed != 10 && speed != 100 && speed != 1000) {
        error_setg(errp, "partner-speed must be 10, 100 or 1000 (Mbit/s), "
                   "not %u", speed);
        return;
    }
    M88E1510(obj)->partner_speed = speed;
    m88e1510_renegotiate(M88E1510(obj));
}

static Property m88e1510_properties[] = {
    DEFINE_PROP_UINT32("autoneg-ms", M88E1510State, autoneg_ms, AUTONEG_MS),
    DEFINE_PROP_END_OF_LIST(),
};

static void m88e1510_init(Object *obj)
{
    M88E1510State *s = M88E1510(obj);

    s->cable = true;
    s->partner_speed = 1000;
    s->autoneg = timer_new_ms(QEMU_CLOCK_VIRTUAL, m88e1510_autoneg_done, s);
    qdev_init_gpio_out_named(DEVICE(obj), &s->link_out, M88E1510_LINK, 1);
    qdev_init_gpio_out_named(DEVICE(obj), &s->interrupt,
                             M88E1510_INTERRUPT, 1);
    reset_registers(s);
}

static void m88e1510_finalize(Object *obj)
{
    timer_free(M88E1510(obj)->autoneg);
}

static const VMStateDescription m88e1510_vmstate = {
    .name = TYPE_M88E1510,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_BOOL(cable, M88E1510State),
        VMSTATE_UINT32(partner_speed, M88E1510State),
        VMSTATE_BOOL(partner_half_duplex, M88E1510State),
        VMSTATE_BOOL(carrier, M88E1510State),
        VMSTATE_BOOL(link.up, M88E1510State),
        VMSTATE_BOOL(link.full_duplex, M88E1510State),
        VMSTATE_BOOL(link.pause, M88E1510State),
        VMSTATE_UINT16(link.speed, M88E1510State),
        VMSTATE_BOOL(autoneg_complete, M88E1510State),
        VMSTATE_BOOL(link_lost, M88E1510State),
        VMSTATE_UINT8(page, M88E1510State),
        VMSTATE_UINT16_2DARRAY(regs, M88E1510State, M88E1510_PAGES,
                               M88E1510_REGS),
        VMSTATE_TIMER_PTR(autoneg, M88E1510State),
        VMSTATE_END_OF_LIST()
    }
};

static void m88e1510_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Marvell 88E1510 Ethernet transceiver";
    dc->reset = m88e1510_reset;
    dc->vmsd = &m88e1510_vmstate;
    device_class_set_props(dc, m88e1510_properties);
    object_class_property_add_bool(klass, "cable", get_cable, set_cable);
    object_class_property_add_bool(klass, "partner-half-duplex",
                                   get_partner_half_duplex,
                                   set_partner_half_duplex);
    object_class_property_add(klass, "partner-speed", "uint32",
                              get_partner_speed, set_partner_speed,
                              NULL, NULL);
}

static const TypeInfo m88e1510_info = {
    .name = TYPE_M88E1510,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(M88E1510State),
    .instance_init = m88e1510_init,
    .instance_finalize = m88e1510_finalize,
    .class_init = m88e1510_class_init,
};

static void m88e1510_register_types(void)
{
    type_register_static(&m88e1510_info);
}
type_init(m88e1510_register_types)
