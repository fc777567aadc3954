/*
 * Turris MOX: the machine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A Marvell Armada 3720 with what module A of a MOX connects to it. Sources of
 * addresses, interrupts and pins: the SoC's functional specifications, and the
 * device trees and drivers that run on the real board.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "exec/address-spaces.h"
#include "hw/arm/boot.h"
#include "hw/boards.h"
#include "hw/intc/arm_gicv3_common.h"
#include "hw/loader.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "hw/sd/sd.h"
#include "hw/ssi/ssi.h"
#include "hw/sysbus.h"
#include "hw/usb/hcd-ehci.h"
#include "hw/usb/xhci.h"
#include "net/net.h"
#include "sysemu/block-backend.h"
#include "sysemu/blockdev.h"
#include "sysemu/sysemu.h"
#include "target/arm/cpu.h"
#include "hw/mox/armada3700.h"
#include "hw/mox/armada3700-clock.h"
#include "hw/mox/armada3700-comphy.h"
#include "hw/mox/armada3700-i2c.h"
#include "hw/mox/armada3700-neta.h"
#include "hw/mox/armada3700-pinctrl.h"
#include "hw/mox/armada3700-regs.h"
#include "hw/mox/armada3700-rwtm.h"
#include "hw/mox/armada3700-sdhci.h"
#include "hw/mox/armada3700-spi.h"
#include "hw/mox/armada3700-uart.h"
#include "hw/mox/armada3700-utmi.h"
#include "hw/mox/armada3700-wdt.h"
#include "hw/mox/mcp7940x.h"
#include "hw/mox/mox-front-panel.h"
#include "hw/mox/mox-moxtet.h"
#include "hw/mox/mox-nor-boot.h"

#define TYPE_MOX_MACHINE MACHINE_TYPE_NAME("turris-mox")
OBJECT_DECLARE_SIMPLE_TYPE(MoxMachineState, MOX_MACHINE)

#define MOX_NUM_CPUS 2

struct MoxMachineState {
    MachineState parent_obj;

    MemoryRegion ram_alias;
    struct arm_boot_info boot_info;
    DeviceState *gic;
    DeviceState *gpio_nb;
    DeviceState *gpio_sb;
    MACAddr mac;                    /* eth0's */
};

/* Pins of the bridges, as module A connects them. */
#define MOX_NB_CARD_DETECT 10       /* high: there is a card */
#define MOX_SB_RTC 5                /* low: the clock's alarm */
#define MOX_SB_BUTTON 20            /* low: pressed */
#define MOX_SB_LED 21               /* low: lit */

/* Per processor: numbers of its private peripheral interrupts in the GIC. */
enum {
    PPI_PMU = 7,
    PPI_MAINTENANCE = 9,
    PPI_TIMER_HYP = 10,
    PPI_TIMER_VIRT = 11,
    PPI_TIMER_SEC = 13,
    PPI_TIMER_PHYS = 14,
};

/* Makes a device that the machine's user finds below /machine by name. */
static DeviceState *mox_new(MoxMachineState *s, const char *type,
                            const char *name)
{
    DeviceState *dev = qdev_new(type);

    object_property_add_child(OBJECT(s), name, OBJECT(dev));
    return dev;
}

static void mox_realize(DeviceState *dev)
{
    sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
}

/* Maps a device's MMIO region; offset counts from the internal registers. */
static void mox_map(DeviceState *dev, int region, hwaddr offset)
{
    sysbus_mmio_map(SYS_BUS_DEVICE(dev), region, A3700_REGS_BASE + offset);
}

/* Connects a device's interrupt to a shared interrupt of the GIC. */
static void mox_connect_irq(MoxMachineState *s, DeviceState *dev, int n,
                            int irq)
{
    sysbus_connect_irq(SYS_BUS_DEVICE(dev), n, qdev_get_gpio_in(s->gic, irq));
}

static void mox_create_cpus(MoxMachineState *s)
{
    MachineState *ms = MACHINE(s);

    for (int i = 0; i < ms->smp.cpus; i++) {
        Object *cpu = object_new(ms->cpu_type);

        object_property_set_int(cpu, "mp-affinity", i, &error_fatal);
        object_property_set_bool(cpu, "has_el3", false, &error_fatal);
        object_property_set_bool(cpu, "has_el2", true, &error_fatal);
        object_property_set_int(cpu, "cntfrq", A3700_CNTFRQ_HZ, &error_fatal);
        object_property_set_link(cpu, "memory", OBJECT(get_system_memory()),
                                 &error_fatal);
        qdev_realize(DEVICE(cpu), NULL, &error_fatal);
        object_unref(cpu);
    }
}

static void mox_connect_cpu(MoxMachineState *s, int index)
{
    const int cpus = MACHINE(s)->smp.cpus;
    const int private = A3700_NUM_IRQS - GIC_INTERNAL + index * GIC_INTERNAL +
                        GIC_NR_SGIS;
    DeviceState *cpu = DEVICE(qemu_get_cpu(index));
    SysBusDevice *gic = SYS_BUS_DEVICE(s->gic);
    static const struct {
        int output;
        int ppi;
    } timers[] = {
        { GTIMER_PHYS, PPI_TIMER_PHYS },
        { GTIMER_VIRT, PPI_TIMER_VIRT },
        { GTIMER_HYP, PPI_TIMER_HYP },
        { GTIMER_SEC, PPI_TIMER_SEC },
    };
    static const int inputs[] = {
        ARM_CPU_IRQ, ARM_CPU_FIQ, ARM_CPU_VIRQ, ARM_CPU_VFIQ
    };

    /* Numbers of PPIs start at 16 in the GIC's own counting, SGIs below. */
    for (int i = 0; i < ARRAY_SIZE(timers); i++) {
        qdev_connect_gpio_out(cpu, timers[i].output,
                              qdev_get_gpio_in(s->gic,
                                               private + timers[i].ppi));
    }
    qdev_connect_gpio_out_named(cpu, "gicv3-maintenance-interrupt", 0,
                                qdev_get_gpio_in(s->gic,
                                                 private + PPI_MAINTENANCE));
    qdev_connect_gpio_out_named(cpu, "pmu-interrupt", 0,
                                qdev_get_gpio_in(s->gic, private + PPI_PMU));
    for (int i = 0; i < ARRAY_SIZE(inputs); i++) {
        sysbus_connect_irq(gic, index + i * cpus,
                           qdev_get_gpio_in(cpu, inputs[i]));
    }
}

static void mox_create_gic(MoxMachineState *s)
{
    const int cpus = MACHINE(s)->smp.cpus;

    s->gic = mox_new(s, "arm-gicv3", "gic");
    qdev_prop_set_uint32(s->gic, "revision", 3);
    qdev_prop_set_uint32(s->gic, "num-cpu", cpus);
    qdev_prop_set_uint32(s->gic, "num-irq", A3700_NUM_IRQS);
    qdev_prop_set_uint32(s->gic, "len-redist-region-count", 1);
    qdev_prop_set_uint32(s->gic, "redist-region-count[0]", cpus);
    mox_realize(s->gic);
    mox_map(s->gic, 0, A3700_GICD_ADDR);
    mox_map(s->gic, 1, A3700_GICR_ADDR);
    for (int i = 0; i < cpus; i++) {
        mox_connect_cpu(s, i);
    }
}

/*
 * The memory controller does not decode what is above the memory's size up to
 * 1 GiB: old boot loaders find the size by looking where the memory repeats.
 */
static void mox_create_ram(MoxMachineState *s)
{
    MachineState *ms = MACHINE(s);

    if (ms->ram_size != 512 * MiB && ms->ram_size != 1 * GiB) {
        error_report("a MOX has 512M or 1G of memory");
        exit(EXIT_FAILURE);
    }
    memory_region_add_subregion(get_system_memory(), 0, ms->ram);
    if (ms->ram_size < 1 * GiB) {
        memory_region_init_alias(&s->ram_alias, OBJECT(s), "mox.ram-repeated",
                                 ms->ram, 0, ms->ram_size);
        memory_region_add_subregion(get_system_memory(), ms->ram_size,
                                    &s->ram_alias);
    }
}

/* Registers that have no device: below all devices. */
static void mox_create_regs(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_REGS, "regs");

    qdev_prop_set_uint64(dev, "ram-size", MACHINE(s)->ram_size);
    mox_realize(dev);
    sysbus_mmio_map_overlap(SYS_BUS_DEVICE(dev), 0, A3700_REGS_BASE, -1000);
}

static void mox_create_clock(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_CLOCK, "clock");

    mox_realize(dev);
    mox_map(dev, 0, A3700_NB_CLOCK_ADDR);
    mox_map(dev, 1, A3700_SB_CLOCK_ADDR);
}

static void mox_create_uart(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_UART, "uart0");

    qdev_prop_set_chr(dev, "chardev", serial_hd(0));
    mox_realize(dev);
    mox_map(dev, 0, A3700_UART0_ADDR);
    mox_connect_irq(s, dev, 0, A3700_IRQ_UART0_SUM);
    mox_connect_irq(s, dev, 1, A3700_IRQ_UART0_TX);
    mox_connect_irq(s, dev, 2, A3700_IRQ_UART0_RX);
}

static void mox_create_gpio(MoxMachineState *s)
{
    s->gpio_nb = mox_new(s, TYPE_A3700_PINCTRL, "gpio-nb");
    qdev_prop_set_uint8(s->gpio_nb, "pins", A3700_NB_PINS);
    qdev_prop_set_bit(s->gpio_nb, "warm-reset", true);
    mox_realize(s->gpio_nb);
    mox_map(s->gpio_nb, 0, A3700_NB_PINCTRL_ADDR);
    mox_map(s->gpio_nb, 1, A3700_NB_GPIO_IRQ_ADDR);
    mox_connect_irq(s, s->gpio_nb, 0, A3700_IRQ_NB_GPIO);

    s->gpio_sb = mox_new(s, TYPE_A3700_PINCTRL, "gpio-sb");
    qdev_prop_set_uint8(s->gpio_sb, "pins", A3700_SB_PINS);
    mox_realize(s->gpio_sb);
    mox_map(s->gpio_sb, 0, A3700_SB_PINCTRL_ADDR);
    mox_map(s->gpio_sb, 1, A3700_SB_GPIO_IRQ_ADDR);
    mox_connect_irq(s, s->gpio_sb, 0, A3700_IRQ_SB_GPIO);
}

/* The card of the socket is there without a medium too: it comes later. */
static void mox_create_card(MoxMachineState *s, DeviceState *controller)
{
    DeviceState *sdhci = DEVICE(&A3700_SDHCI(controller)->sdhci);
    DriveInfo *drive = drive_get(IF_SD, 0, 0);
    DeviceState *card = mox_new(s, TYPE_SD_CARD, "card");

    if (drive) {
        qdev_prop_set_drive_err(card, "drive", blk_by_legacy_dinfo(drive),
                                &error_fatal);
    }
    qdev_realize_and_unref(card, qdev_get_child_bus(sdhci, "sd-bus"),
                           &error_fatal);
}

/* 0 is the card's; 1 is for a Wi-Fi module, which is not there. */
static void mox_create_sdhci(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_SDHCI, "sdhci0");

    qdev_prop_set_bit(dev, "wp-inverted", true);
    mox_realize(dev);
    mox_map(dev, 0, A3700_SDHCI0_ADDR);
    mox_connect_irq(s, dev, 0, A3700_IRQ_SDHCI0);
    qdev_connect_gpio_out_named(dev, "card-inserted", 0,
                                qdev_get_gpio_in(s->gpio_nb,
                                                 MOX_NB_CARD_DETECT));
    mox_create_card(s, dev);

    dev = mox_new(s, TYPE_A3700_SDHCI, "sdhci1");
    mox_realize(dev);
    mox_map(dev, 0, A3700_SDHCI1_ADDR);
    mox_connect_irq(s, dev, 0, A3700_IRQ_SDHCI1);
}

/*
 * More than one port each, or QEMU puts a hub of its own in front of a device
 * that is slower than the port.
 */
static void mox_create_usb(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_XHCI_SYSBUS, "xhci");

    qdev_prop_set_uint32(dev, "intrs", 1);
    qdev_prop_set_uint32(dev, "slots", XHCI_MAXSLOTS);
    qdev_prop_set_uint32(dev, "p2", 2);
    qdev_prop_set_uint32(dev, "p3", 2);
    mox_realize(dev);
    mox_map(dev, 0, A3700_XHCI_ADDR);
    mox_connect_irq(s, dev, 0, A3700_IRQ_XHCI);

    /* Of QEMU's EHCIs one has its registers where Marvell's are. */
    dev = mox_new(s, TYPE_TEGRA2_EHCI, "ehci");
    mox_realize(dev);
    mox_map(dev, 0, A3700_EHCI_ADDR);
    mox_connect_irq(s, dev, 0, A3700_IRQ_EHCI);
}

static void mox_create_wdt(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_WDT, "watchdog");

    mox_realize(dev);
    mox_map(dev, 0, A3700_WDT_ADDR);
    mox_map(dev, 1, A3700_WDT_SELECT_ADDR);
}

/* LED and button, for the host: /machine/front-panel. */
static void mox_create_front_panel(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_MOX_FRONT_PANEL, "front-panel");

    mox_realize(dev);
    qdev_connect_gpio_out(s->gpio_sb, MOX_SB_LED,
                          qdev_get_gpio_in_named(dev, MOX_PANEL_LED, 0));
    qdev_connect_gpio_out_named(dev, MOX_PANEL_BUTTON, 0,
                                qdev_get_gpio_in(s->gpio_sb, MOX_SB_BUTTON));
}

static void mox_create_phys(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_COMPHY, "comphy");

    mox_realize(dev);
    mox_map(dev, 0, A3700_COMPHY_ADDR);
    mox_map(dev, 1, A3700_COMPHY_LANE0_ADDR);
    mox_map(dev, 2, A3700_COMPHY_LANE1_ADDR);
    mox_map(dev, 3, A3700_COMPHY_LANE2_ADDR);

    dev = mox_new(s, TYPE_A3700_UTMI, "utmi-otg");
    mox_realize(dev);
    mox_map(dev, 0, A3700_UTMI_OTG_ADDR);

    dev = mox_new(s, TYPE_A3700_UTMI, "utmi-host");
    mox_realize(dev);
    mox_map(dev, 0, A3700_UTMI_HOST_ADDR);
}

static void mox_create_i2c(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_I2C, "i2c0");
    DeviceState *rtc = mox_new(s, TYPE_MCP7940X, "rtc");

    mox_realize(dev);
    mox_map(dev, 0, A3700_I2C0_ADDR);
    mox_connect_irq(s, dev, 0, A3700_IRQ_I2C0);

    qdev_prop_set_uint8(rtc, "address", MCP7940X_ADDRESS);
    qdev_realize_and_unref(rtc, qdev_get_child_bus(dev, "i2c"), &error_fatal);
    qdev_connect_gpio_out(rtc, 0, qdev_get_gpio_in(s->gpio_sb, MOX_SB_RTC));
}

/* Of a direct start Linux finds the address where the boot loader puts it. */
static DeviceState *mox_new_neta(MoxMachineState *s, const char *name)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_NETA, name);

    qdev_prop_set_bit(dev, "mac-at-reset",
                      MACHINE(s)->kernel_filename != NULL);
    return dev;
}

/*
 * eth0 with its transceiver is on module A, and has the network of the first
 * -nic; eth1 goes to the modules, where nothing is that answers.
 */
static void mox_create_eth(MoxMachineState *s)
{
    DeviceState *dev = mox_new_neta(s, "eth0");

    if (nd_table[0].used) {
        qemu_check_nic_model(&nd_table[0], TYPE_A3700_NETA);
        qdev_set_nic_properties(dev, &nd_table[0]);
    }
    mox_realize(dev);
    mox_map(dev, 0, A3700_ETH0_ADDR);
    mox_connect_irq(s, dev, 0, A3700_IRQ_ETH0);
    s->mac = A3700_NETA(dev)->conf.macaddr;

    dev = mox_new_neta(s, "eth1");
    qdev_prop_set_bit(dev, "has-phy", false);
    mox_realize(dev);
    mox_map(dev, 0, A3700_ETH1_ADDR);
    mox_connect_irq(s, dev, 0, A3700_IRQ_ETH1);
}

/* What the firmware says was burned into the board, eth0's address with it. */
static void mox_create_rwtm(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_RWTM, "rwtm");

    qdev_prop_set_uint32(dev, "ram-size", MACHINE(s)->ram_size / MiB);
    qdev_prop_set_macaddr(dev, "mac", s->mac.a);
    mox_realize(dev);
    mox_map(dev, 0, A3700_RWTM_ADDR);
    mox_connect_irq(s, dev, 0, A3700_IRQ_RWTM);
}

/* Chip select 0: the NOR, of -drive if=mtd; 1: the bus of the modules. */
static void mox_create_spi(MoxMachineState *s)
{
    DeviceState *dev = mox_new(s, TYPE_A3700_SPI, "spi");
    DriveInfo *drive = drive_get(IF_MTD, 0, 0);
    BusState *bus;
    DeviceState *nor;
    DeviceState *moxtet;

    mox_realize(dev);
    mox_map(dev, 0, A3700_SPI_PAGE);
    mox_connect_irq(s, dev, 0, A3700_IRQ_SPI);

    bus = qdev_get_child_bus(dev, "spi");
    nor = mox_new(s, "w25q64", "nor");
    if (drive) {
        qdev_prop_set_drive_err(nor, "drive", blk_by_legacy_dinfo(drive),
                                &error_fatal);
    }
    qdev_realize_and_unref(nor, bus, &error_fatal);
    qdev_connect_gpio_out_named(dev, SSI_GPIO_CS, 0,
                                qdev_get_gpio_in_named(nor, SSI_GPIO_CS, 0));

    moxtet = mox_new(s, TYPE_MOXTET, "moxtet");
    qdev_realize_and_unref(moxtet, bus, &error_fatal);
    qdev_connect_gpio_out_named(dev, SSI_GPIO_CS, 1,
                                qdev_get_gpio_in_named(moxtet, SSI_GPIO_CS, 0));
}

/*
 * -kernel starts Linux with the registers as the boot loader leaves them,
 * -bios puts a boot loader at the start of memory, without either it comes from
 * the NOR as on the board.
 */
static void mox_boot(MoxMachineState *s)
{
    MachineState *ms = MACHINE(s);
    DriveInfo *nor = drive_get(IF_MTD, 0, 0);

    s->boot_info.ram_size = ms->ram_size;
    s->boot_info.psci_conduit = QEMU_PSCI_CONDUIT_SMC;
    if (ms->firmware) {
        if (load_image_targphys(ms->firmware, 0, ms->ram_size) < 0) {
            error_report("could not load firmware '%s'", ms->firmware);
            exit(EXIT_FAILURE);
        }
        s->boot_info.firmware_loaded = true;
    } else if (!ms->kernel_filename) {
        if (nor) {
            mox_boot_from_nor(blk_by_legacy_dinfo(nor));
        }
        s->boot_info.firmware_loaded = true;
    }
    arm_load_kernel(ARM_CPU(first_cpu), ms, &s->boot_info);
}

static void mox_init(MachineState *machine)
{
    MoxMachineState *s = MOX_MACHINE(machine);

    mox_create_ram(s);
    mox_create_cpus(s);
    mox_create_gic(s);
    mox_create_regs(s);
    mox_create_clock(s);
    mox_create_uart(s);
    mox_create_gpio(s);
    mox_create_front_panel(s);
    mox_create_phys(s);
    mox_create_i2c(s);
    mox_create_eth(s);
    mox_create_rwtm(s);
    mox_create_wdt(s);
    mox_create_spi(s);
    mox_create_sdhci(s);
    mox_create_usb(s);
    mox_boot(s);
}

static void mox_class_init(ObjectClass *klass, void *data)
{
    MachineClass *mc = MACHINE_CLASS(klass);

    mc->desc = "CZ.NIC Turris MOX (Marvell Armada 3720)";
    mc->init = mox_init;
    mc->default_cpu_type = ARM_CPU_TYPE_NAME("cortex-a53");
    mc->default_cpus = MOX_NUM_CPUS;
    mc->min_cpus = MOX_NUM_CPUS;
    mc->max_cpus = MOX_NUM_CPUS;
    mc->default_ram_size = 512 * MiB;
    mc->default_ram_id = "mox.ram";
    mc->block_default_type = IF_SD;
}

static const TypeInfo mox_machine_info = {
    .name = TYPE_MOX_MACHINE,
    .parent = TYPE_MACHINE,
    .instance_size = sizeof(MoxMachineState),
    .class_init = mox_class_init,
};

static void mox_register_types(void)
{
    type_register_static(&mox_machine_info);
}
type_init(mox_register_types)
