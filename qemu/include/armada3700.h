/*
 * Marvell Armada 3720: addresses and interrupts
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the Functional Specifications' memory map and the drivers that run on the
 * SoC. Offsets count from the base of the internal registers, as in the
 * specifications; interrupts are the GIC's shared ones.
 */
#ifndef HW_MOX_ARMADA3700_H
#define HW_MOX_ARMADA3700_H

#define A3700_REGS_BASE          0xd0000000
#define A3700_REGS_SIZE          0x02000000

/* Reference clock of the SoC on a MOX; also of its timers and watchdog. */
#define A3700_XTAL_HZ            25000000
#define A3700_CNTFRQ_HZ          12500000

#define A3700_WDT_ADDR           0x08300
#define A3700_WDT_SELECT_ADDR    0x0d064
#define A3700_DECODER_ADDR       0x0cf00
#define A3700_SPI_PAGE           0x10000
#define A3700_I2C0_ADDR          0x11000
#define A3700_UART0_ADDR         0x12000
#define A3700_NB_CLOCK_ADDR      0x13000
#define A3700_NB_PINCTRL_ADDR    0x13800
#define A3700_NB_GPIO_IRQ_ADDR   0x13c00
#define A3700_SB_CLOCK_ADDR      0x18000
#define A3700_COMPHY_ADDR        0x18300
#define A3700_SB_PINCTRL_ADDR    0x18800
#define A3700_SB_GPIO_IRQ_ADDR   0x18c00
#define A3700_COMPHY_LANE1_ADDR  0x1f000
#define A3700_ETH0_ADDR          0x30000
#define A3700_ETH1_ADDR          0x40000
#define A3700_XHCI_ADDR          0x58000
#define A3700_COMPHY_LANE0_ADDR  0x5c000
#define A3700_UTMI_OTG_ADDR      0x5d000
#define A3700_EHCI_ADDR          0x5e000
#define A3700_UTMI_HOST_ADDR     0x5f000
#define A3700_RWTM_ADDR          0xb0000
#define A3700_SDHCI1_ADDR        0xd0000
#define A3700_SDHCI0_ADDR        0xd8000
#define A3700_COMPHY_LANE2_ADDR  0xe0178
#define A3700_GICD_ADDR          0x1d00000
#define A3700_GICR_ADDR          0x1d40000

#define A3700_IRQ_SPI            0
#define A3700_IRQ_I2C0           1
#define A3700_IRQ_XHCI           3
#define A3700_IRQ_UART0_SUM      11
#define A3700_IRQ_UART0_TX       12
#define A3700_IRQ_UART0_RX       13
#define A3700_IRQ_EHCI           17
#define A3700_IRQ_RWTM           18
#define A3700_IRQ_SDHCI1         25
#define A3700_IRQ_SDHCI0         26
#define A3700_IRQ_ETH0           42
#define A3700_IRQ_ETH1           45
#define A3700_IRQ_NB_GPIO        51
#define A3700_IRQ_SB_GPIO        160

/* 32 private ones and 224: the south bridge's GPIOs have number 160. */
#define A3700_NUM_IRQS           256

#endif
