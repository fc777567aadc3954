# The devices of --with-devices-aarch64=mox. Without default devices, "default y" of a Kconfig counts as n: by name.
CONFIG_TURRIS_MOX=y
CONFIG_ARM_GICV3_TCG=y
CONFIG_USB_STORAGE_CLASSIC=y
# The target does not link without these.
CONFIG_ARM_V7M=y
CONFIG_SEMIHOSTING=y
CONFIG_ARM_COMPATIBLE_SEMIHOSTING=y
