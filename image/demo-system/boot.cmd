# What U-Boot runs: kernel of the installed system, root by its partition. One script, and so one card, for the MOX and
# for the virtual board, whose kernel gets the device tree that U-Boot itself has.
part uuid ${devtype} ${devnum}:${distro_bootpart} root_partuuid
setenv root "root=PARTUUID=${root_partuuid} rootfstype=btrfs rootflags=commit=5,subvol=@ rootwait rw"
load ${devtype} ${devnum}:${distro_bootpart} ${kernel_addr_r} /@/boot/Image
fdt addr ${fdtcontroladdr}
fdt get value board / compatible
if test "${board}" = "cznic,turris-mox-virtual"; then
    setenv bootargs "console=ttyAMA0,115200 ${root}"
    booti ${kernel_addr_r} - ${fdtcontroladdr}
else
    setenv bootargs "console=ttyMV0,115200 ${root}"
    load ${devtype} ${devnum}:${distro_bootpart} ${fdt_addr_r} /@/boot/armada-3720-turris-mox.dtb
    booti ${kernel_addr_r} - ${fdt_addr_r}
fi
