#!/bin/sh
# Puts programs of another Debian suite into a folder, to be checked as subjects. Nothing else needs it.
#
#   sh scenarios/subjects/from-debian.sh FOLDER SUITE PROGRAM[,PROGRAM...] PACKAGE...
#   PATH=FOLDER/bin:$PATH fusebench check --subject NAME
#
# Needs no root and installs nothing: apt fetches the packages and what they depend on into FOLDER and checks their
# signatures by a keyring of its own; they are unpacked there, and nothing of them is run. FOLDER/bin gets a script for
# each program that starts it with its own suite's loader and libraries. No chroot: it sees the same files and the
# same mounts as the harness. What is set up already is left as it is.
set -eu

if [ $# -lt 4 ]; then
  echo "usage: sh $0 FOLDER SUITE PROGRAM[,PROGRAM...] PACKAGE..." >&2
  exit 2
fi
mkdir -p "$1" || exit 2
folder=$(cd "$1" && pwd)
suite=$2
programs=$(echo "$3" | tr , ' ')
shift 3
mirror=${FUSEBENCH_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
for program in apt-get dpkg-deb; do
  command -v "$program" > /dev/null || { echo "$0: $program is not installed" >&2; exit 2; }
done
[ -e "$keyring" ] || { echo "$0: $keyring is missing: apt-get install debian-archive-keyring" >&2; exit 2; }
root=$folder/root

if [ ! -e "$folder/unpacked" ]; then
  # An apt of its own, which knows of no installed package: all that is needed is fetched.
  own=$folder/apt
  mkdir -p "$own/lists/partial" "$own/cache/archives/partial" "$own/etc/preferences.d" "$root"
  : > "$own/status"
  echo "deb [signed-by=$keyring] $mirror $suite main" > "$own/etc/sources.list"
  own_apt() {
    apt-get -q -o Dir::Etc="$own/etc" -o Dir::Etc::SourceParts=none -o Dir::Etc::SourceList="$own/etc/sources.list" \
      -o Dir::State="$own" -o Dir::State::Lists="$own/lists" -o Dir::State::status="$own/status" \
      -o Dir::Cache="$own/cache" -o Dir::Log=/dev/null -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
      -o APT::Install-Recommends=0 "$@"
  }
  # What is half done is taken away, so that the next try begins anew.
  give_up() { rm -rf "$own" "$root"; rmdir "$folder" 2> /dev/null; echo "$0: $1; nothing is set up" >&2; exit 2; }
  own_apt -o APT::Update::Error-Mode=any update || give_up "$suite cannot be had from $mirror (is there a network?)"
  own_apt install --download-only --yes "$@" || give_up "the packages cannot be had: $*"
  # As a system with merged folders has them, whatever a package says.
  mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64"
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
  for package in "$own"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root" \
      --no-same-owner --exclude='./usr/share/doc/*' --exclude='./usr/share/locale/*'
  done
  rm -rf "$own"
  touch "$folder/unpacked"
fi

loader=$(find "$root/usr/lib64" "$root/usr/lib" -name 'ld-linux*.so.*' 2> /dev/null | head -n 1)
[ -n "$loader" ] || { echo "$0: $root has no dynamic loader; remove $folder and try again" >&2; exit 1; }
libraries=$(dirname "$(find "$root/usr/lib" -name 'libc.so.6' | head -n 1)")
mkdir -p "$folder/bin"
for program in $programs; do
  file=$(find "$root/usr/bin" "$root/usr/sbin" -name "$program" | head -n 1)
  [ -n "$file" ] || { echo "$0: none of the packages has the program $program" >&2; exit 1; }
  {
    echo '#!/bin/sh'
    # nbdkit looks for plugins where its suite has them: their names become paths.
    [ "$program" != nbdkit ] || cat << END
for word in "\$@"; do
  shift
  plugin='$libraries/nbdkit/plugins/nbdkit-'\$word-plugin.so
  [ ! -e "\$plugin" ] || word=\$plugin
  set -- "\$@" "\$word"
done
END
    echo "exec '$loader' --argv0 '$program' --library-path '$libraries' '$file' \"\$@\""
  } > "$folder/bin/$program"
  chmod +x "$folder/bin/$program"
  "$folder/bin/$program" --version | head -n 1
done
