#!/bin/sh
# Runs a subject's program inside another root folder, for what can only be run there.
#
#   sh scenarios/subjects/in-chroot.sh set-up FOLDER WORK
#   TMPDIR=WORK fusebench check --subject qemu-storage-daemon --program /usr/bin/qemu-storage-daemon \
#     --prefix "sh $PWD/scenarios/subjects/in-chroot.sh run FOLDER"
#   sh scenarios/subjects/in-chroot.sh clear FOLDER WORK
#
# FOLDER needs /dev/fuse and /proc, and WORK under the same path. WORK is a mount of its own, shared, so that what is
# mounted inside is seen outside. A plain `chroot FOLDER` as prefix would do for most scenarios; some name files
# relative to the folder they are in, which chroot leaves and this keeps.
set -eu

usage() { echo "usage: sh $0 set-up|clear FOLDER WORK, or run FOLDER PROGRAM [WORD...]" >&2; exit 2; }
[ $# -ge 3 ] || usage
verb=$1 folder=$2 work=$3

case $verb in
set-up)
  mkdir -p "$work" "$folder$work"
  chmod 755 "$work"
  touch "$folder/dev/fuse"
  mount --bind "$work" "$work"
  mount --make-shared "$work"
  mount --bind "$work" "$folder$work"
  mount --bind /dev/fuse "$folder/dev/fuse"
  mount -t proc proc "$folder/proc"
  ;;
clear) umount "$folder/proc" "$folder/dev/fuse" "$folder$work" "$work" ;;
run)
  shift 2
  # The harness itself starts the program from where it is, which the folder may not have; its paths are absolute.
  here=$PWD
  [ -d "$folder$here" ] || here=/
  exec unshare --root="$folder" --wd="$here" "$@"
  ;;
*) usage ;;
esac
