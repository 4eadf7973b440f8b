#!/bin/sh
# Puts the qemu-storage-daemon of a newer Debian suite into a folder, to be checked as a subject. Nothing else needs it.
#
#   sh scenarios/subjects/newest-qemu.sh FOLDER [SUITE [MIRROR]]
#   fusebench check --subject qemu-storage-daemon --program FOLDER/qemu-storage-daemon
#
# The packages are unpacked only, nothing of them is run or installed; the daemon is started with its own suite's
# loader and libraries. No chroot: it sees the same files and the same mounts as the harness.
set -eu

if [ $# -lt 1 ] || [ $# -gt 3 ]; then
  echo "usage: sh $0 FOLDER [SUITE [MIRROR]]" >&2
  exit 2
fi
command -v debootstrap > /dev/null || { echo "$0: debootstrap is not installed: apt install debootstrap" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
suite=${2:-sid}
mirror=${3:-http://deb.debian.org/debian}
root=$folder/root

if [ ! -e "$folder/unpacked" ]; then
  # The daemon moved from qemu-system-common to qemu-utils. --foreign stops after unpacking the base packages; what was included lies there as archives.
  debootstrap --foreign --variant=minbase --include=qemu-utils,qemu-system-common "$suite" "$root" "$mirror"
  for package in "$root"/var/cache/apt/archives/*.deb; do
    dpkg-deb -x "$package" "$root"
  done
  touch "$folder/unpacked"
fi

loader=$(find "$root/usr/lib64" "$root/usr/lib" -name 'ld-linux*.so.*' 2> /dev/null | head -n 1)
[ -n "$loader" ] || { echo "$0: $root has no dynamic loader; remove $folder and try again" >&2; exit 1; }
libraries=$(dirname "$(find "$root/usr/lib" -name 'libc.so.6' | head -n 1)")
cat > "$folder/qemu-storage-daemon" << END
#!/bin/sh
exec '$loader' --library-path '$libraries' '$root/usr/bin/qemu-storage-daemon' "\$@"
END
chmod +x "$folder/qemu-storage-daemon"
"$folder/qemu-storage-daemon" --version
