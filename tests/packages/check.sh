#!/bin/bash
# Tries the packages of a folder on a Debian 12 with nothing installed (debootstrap's smallest, entered by chroot):
#   tests/packages/check.sh FOLDER            as root; MIRROR=URL of Debian, else the one that apt uses here
# From the archive, then moved elsewhere, then from the .deb: scenes are made, masked by the network that is shipped and by
# threshold tests, and scored; a map is made once GDAL is there, and several processes start once Open MPI is. Prints the
# steps with their times; ends with 1 at the first that fails.
set -euo pipefail
packages=$(cd "$1" && pwd)
if [ "$(id -u)" -ne 0 ]; then
  echo "packages: chroot needs root; run this as root" >&2
  exit 1
fi
if ! command -v debootstrap >/dev/null; then
  echo "packages: debootstrap is missing; apt-get install debootstrap" >&2
  exit 1
fi
mirror=${MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sed -n 1p)}
work=$(mktemp -d)
root=$work/debian
# A mount namespace of its own: whatever happens, no mount is left when the script ends.
if [ -z "${IN_NAMESPACE:-}" ]; then
  rmdir "$work"
  IN_NAMESPACE=yes MIRROR=$mirror exec unshare --mount "$0" "$packages"
fi
trap 'umount "$root/proc" 2>/dev/null; rm -rf "$work"' EXIT

step() { # step NAME COMMAND...
  local start=$SECONDS
  if ! "${@:2}" >"$work/output" 2>&1; then
    echo "FAILED $1"
    tail -n 20 "$work/output"
    exit 1
  fi
  echo "ok     $1 ($((SECONDS - start)) s)"
}
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }
use() { # use PROGRAM MODEL: from nothing to scored masks. Joined by &&: in a step, set -e does not count
  inside rm -rf /tmp/x &&
    inside "$1" help train &&
    inside "$1" synth /tmp/x/scenes --scenes 2 --height 256 --width 320 &&
    inside "$1" infer --model "$2" --output /tmp/x/masks /tmp/x/scenes &&
    inside "$1" infer --model "$2" --output /tmp/x/cf --format netcdf /tmp/product &&
    inside "$1" screen --method threshold --output /tmp/x/screened /tmp/x/scenes &&
    inside "$1" evaluate --masks /tmp/x/masks --scenes /tmp/x/scenes --against truth --json - >"$work/scores" &&
    grep '"accuracy": *0\.[89]' "$work/scores"
}
map() { inside "$1" screen --method threshold --format geotiff --output /tmp/maps /tmp/product; }
says_that_gdal_is_missing() { # says_that_gdal_is_missing PROGRAM: in one line, with what to install
  ! map "$1" 2>"$work/fault" && [ "$(wc -l <"$work/fault")" -eq 1 ] && grep 'install .*libgdal32' "$work/fault"
}
completes() { # in bash, from where a shell looks for it
  inside bash -c 'source /usr/share/bash-completion/completions/cloudmask
    COMP_WORDS=(cloudmask evalu) COMP_CWORD=1; _cloudmask; [ "${COMPREPLY[*]}" = evaluate ]'
}
files_there() { (cd "$root" && find . -path ./proc -prune -o -path ./tmp -prune -o -path './var/*' -prune -o -print | sort); }

step "debootstrap" debootstrap --variant=minbase bookworm "$root" "$mirror"
mount -t proc proc "$root/proc"
step "no compiler, Python, HDF5 or Torch there" inside sh -c '! command -v c++ python3 && ! ls /usr/lib/*/libhdf5*'
/usr/bin/python3 "$(dirname "$0")/../products/make_sen3.py" "$root/tmp/product" --rows 200 --columns 240 >/dev/null
files_there >"$work/files"
archive=$(basename "$packages"/cloudmask-*.tar.gz)
name=${archive%.tar.gz}
model=share/cloudmask/models/cloudmask-synthetic.h5
step "unpack $archive" tar -C "$root/opt" -xzf "$packages/$archive"
step "use it" use "/opt/$name/bin/cloudmask" "/opt/$name/$model"
step "maps: it says what is missing" says_that_gdal_is_missing "/opt/$name/bin/cloudmask"
step "move it" mv "$root/opt/$name" "$root/srv/moved"
step "use it there" use /srv/moved/bin/cloudmask "/srv/moved/$model"
step "use it through a link" sh -c "chroot '$root' ln -s /srv/moved/bin/cloudmask /usr/local/bin/cm && chroot '$root' cm --version"
step "take it away" rm -rf "$root/srv/moved" "$root/usr/local/bin/cm"
deb=$(basename "$packages"/cloudmask_*.deb)
cp "$packages/$deb" "$root/tmp/"
step "install $deb" inside dpkg -i "/tmp/$deb"
step "use it" use cloudmask "/usr/lib/cloudmask/$model"
step "its manual pages are there" inside sh -c 'dpkg -L cloudmask | grep -q man1/cloudmask-train.1'
step "bash completes its words" completes
step "maps: it says what is missing" says_that_gdal_is_missing cloudmask
step "remove it" inside dpkg -r cloudmask
files_there >"$work/files_left"
step "nothing is left" diff "$work/files" "$work/files_left"
step "install it with what it suggests" inside sh -c \
  "apt-get update && apt-get install -y --no-install-recommends /tmp/$deb libgdal32 openmpi-bin"
step "make a map" map cloudmask
step "several processes" inside env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
  cloudmask infer --model "/usr/lib/cloudmask/$model" --set gpu=2 --output /tmp/x/two /tmp/x/scenes
