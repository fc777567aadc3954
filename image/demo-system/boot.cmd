# What U-Boot runs: kernel of the installed system, root by its partition.
part uuid ${devtype} ${devnum}:${distro_bootpart} root_partuuid
setenv root "root=PARTUUID=${root_partuuid} rootfstype=btrfs rootflags=commit=5,subvol=@ rootwait rw"
setenv bootargs "console=ttyMV0,115200 ${root}"
load ${devtype} ${devnum}:${distro_bootpart} ${kernel_addr_r} /@/boot/Image
load ${devtype} ${devnum}:${distro_bootpart} ${fdt_addr_r} /@/boot/armada-3720-turris-mox.dtb
booti ${kernel_addr_r} - ${fdt_addr_r}
