# What U-Boot runs on a MOX: kernel and device tree of the running system, root by its partition.
part uuid ${devtype} ${devnum}:${distro_bootpart} root_partuuid
setenv bootargs "console=ttyMV0,115200 root=PARTUUID=${root_partuuid} rootfstype=btrfs rootflags=commit=5,subvol=@ rootwait rw"
load ${devtype} ${devnum}:${distro_bootpart} ${fdt_addr_r} /@/boot/armada-3720-turris-mox.dtb
load ${devtype} ${devnum}:${distro_bootpart} ${kernel_addr_r} /@/boot/Image
booti ${kernel_addr_r} - ${fdt_addr_r}
