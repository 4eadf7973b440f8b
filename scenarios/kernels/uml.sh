#!/bin/sh
# Sets up a user-mode-linux as a kernel that `fusebench check --kernel FOLDER` boots. Nothing else needs it.
#
#   sh scenarios/kernels/uml.sh FOLDER [SUITE [MIRROR]]
#   fusebench check --kernel FOLDER
#
# Needs neither root nor a reboot, and installs nothing: apt fetches two packages of SUITE (sid by default) into
# FOLDER and checks their signatures by its own keyring, the kernel and its C library are unpacked there, and the
# kernel is told to use that library. Once set up, FOLDER is left as it is.
set -eu

if [ $# -lt 1 ] || [ $# -gt 3 ]; then
  echo "usage: sh $0 FOLDER [SUITE [MIRROR]]" >&2
  exit 2
fi
mkdir -p "$1" || exit 2
folder=$(cd "$1" && pwd)
suite=${2:-sid}
mirror=${3:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
loader=/lib64/ld-linux-x86-64.so.2

[ "$(uname -m)" = x86_64 ] || { echo "$0: user-mode-linux is packaged for x86_64 only" >&2; exit 2; }
for program in apt-get dpkg-deb grep dd; do
  command -v "$program" > /dev/null || { echo "$0: $program is not installed" >&2; exit 2; }
done
[ -e "$keyring" ] || { echo "$0: $keyring is missing: apt-get install debian-archive-keyring" >&2; exit 2; }
if [ -x "$folder/boot" ]; then
  echo "$folder is set up already; remove it to begin anew"
  exit 0
fi

# An apt of its own: no list, cache or setting of this machine is read or changed.
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/apt/etc/preferences.d" "$folder/apt/debs"
: > "$folder/apt/status"
echo "deb [signed-by=$keyring] $mirror $suite main" > "$folder/apt/etc/sources.list"
own_apt() {
  apt-get -q -o Dir::Etc="$folder/apt/etc" -o Dir::Etc::Parts=none -o Dir::Etc::SourceParts=none \
    -o Dir::Etc::SourceList="$folder/apt/etc/sources.list" -o Dir::State="$folder/apt" \
    -o Dir::State::Lists="$folder/apt/lists" -o Dir::State::status="$folder/apt/status" \
    -o Dir::Cache="$folder/apt/cache" -o APT::Architecture=amd64 -o APT::Architectures=amd64 \
    -o APT::Sandbox::User=root "$@"
}
# What is half done is taken away, so that the next try begins anew.
give_up() { rm -rf "$folder/apt"; rmdir "$folder" 2> /dev/null; echo "$0: $1; nothing is set up" >&2; exit 2; }
own_apt -o APT::Update::Error-Mode=any update || give_up "$suite cannot be had from $mirror (is there a network?)"
(cd "$folder/apt/debs" && own_apt download user-mode-linux libc6) || give_up "$suite has no user-mode-linux"
for package in "$folder"/apt/debs/*.deb; do dpkg-deb -x "$package" "$folder/unpacked"; done

unpacked=$folder/unpacked
mkdir -p "$folder/lib" "$folder/modules"
cp -L "$unpacked/usr$loader" "$folder/ld.so"
cp -L "$unpacked/usr/lib/x86_64-linux-gnu/libc.so.6" "$folder/lib/"
# The kernel needs a newer C library than this machine may have. Started through the loader by hand it finds its own
# memory in the wrong place, so the loader's name inside the program is written over by a shorter one.
cp "$unpacked/usr/bin/linux.uml" "$folder/linux"
place=$(grep -abo "$loader" "$folder/linux" | head -n 1 | cut -d : -f 1)
[ -n "$place" ] || { echo "$0: the kernel does not name $loader" >&2; exit 1; }
head -c 27 /dev/zero | dd of="$folder/linux" bs=1 seek="$place" conv=notrunc status=none
printf ./ld.so | dd of="$folder/linux" bs=1 seek="$place" conv=notrunc status=none
# Loaded in the order of their names.
number=10
for module in fs/fuse/fuse drivers/block/loop fs/overlayfs/overlay; do
  cp "$unpacked"/usr/lib/uml/modules/*/kernel/$module.ko "$folder/modules/$number-${module##*/}.ko"
  number=$((number + 10))
done
rm -rf "$unpacked" "$folder/apt"

# Last, so that a folder with it is whole.
cat > "$folder/boot.new" << 'END'
#!/bin/sh
# boot INIT DISK: runs this kernel with the machine's root file system, INIT as its first process and DISK as the
# block device /dev/ubda; its console is standard output. It ends when the kernel halts.
cd "$(dirname "$0")"
# Its memory is a file: on a tmpfs nobody writes it to a disk.
if grep ' /dev/shm tmpfs ' /proc/mounts | grep -qv noexec && [ -w /dev/shm ]; then TMPDIR=/dev/shm; export TMPDIR; fi
# What it notes of itself stands beside the disk; ~/.uml may be no folder that can be written to, and it panics then.
LD_LIBRARY_PATH=$PWD/lib exec ./linux mem=1G rootfstype=hostfs rootflags=/ rw ubda="$2" init="$1" uml_dir="${2%/*}" \
  con=null con0=null,fd:1 quiet panic=-1
END
chmod +x "$folder/boot.new"
mv "$folder/boot.new" "$folder/boot"
echo "$folder is set up: fusebench check --kernel $folder"
