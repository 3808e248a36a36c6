#!/bin/bash
# Makes packages of a built program that run on a Debian 12 machine (x86-64) with nothing installed:
#   BUILD=build tools/package.sh FOLDER
# FOLDER/cloudmask-VERSION-linux-ARCH.tar.gz runs from wherever it is unpacked; FOLDER/cloudmask_VERSION_ARCH.deb puts the
# same tree into /usr/lib/cloudmask, with links from where the system looks. Both carry LibTorch and every other library
# but the C library, with their licences; Open MPI for several processes (openmpi-bin) and GDAL for GeoTIFF (libgdal32) are
# taken from the system.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
out=$1
mkdir -p "$out"
out=$(cd "$out" && pwd)
case $(ldd "$build/libcloudmask_network.so") in
  *libtorch_cuda* | *libtorch_hip*)
    echo "package: this LibTorch is one for GPUs, which loads some of its libraries by name: a package would lack them;" \
      "build with one for CPUs, or use make install (docs/install.md)" >&2
    exit 1
    ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/stage" >/dev/null
version=$("$work/stage/bin/cloudmask" --version | cut -d' ' -f2)
name=cloudmask-$version-linux-$(uname -m)
tree=$work/$name
mv "$work/stage" "$tree"
libraries=$tree/lib/cloudmask
mkdir -p "$libraries" "$tree/share/licenses"

# ldd lists what is needed at any depth. The C library must be the machine's own.
core='^(linux-vdso|ld-linux[^/]*|libc|libm|libdl|libpthread|librt|libresolv|libutil|libmpi|libcloudmask)\.so'
{ ldd "$tree/bin/cloudmask"; ldd "$tree/lib/libcloudmask_network.so"; } | awk '$3 ~ /^\// {print $1, $3}' | sort -u |
  while read -r soname file; do
    if [[ $soname =~ $core ]]; then continue; fi
    cp -L "$file" "$libraries/$soname"
    package=$(dpkg-query -S "$(readlink -f "$file")" 2>/dev/null | cut -d: -f1 || true)
    [ -z "$package" ] || cp "/usr/share/doc/$package/copyright" "$tree/share/licenses/$package"
  done
torch=$(dirname "$(dirname "$(ldd "$tree/lib/libcloudmask_network.so" | awk '$1 == "libtorch_cpu.so" {print $3}')")")
for notice in "$torch"/{LICENSE,NOTICE} "$torch"/../torch-*.dist-info/{LICENSE,NOTICE,licenses/LICENSE,licenses/NOTICE}; do
  [ ! -f "$notice" ] || cp "$notice" "$tree/share/licenses/LibTorch-$(basename "$notice")"
done
cp LICENSE README.md CHANGELOG.md "$tree/"

# Everything finds its libraries beside itself, whatever the machine has.
for file in "$libraries"/*; do patchelf --set-rpath '$ORIGIN' "$file"; done
patchelf --set-rpath '$ORIGIN:$ORIGIN/cloudmask' "$tree"/lib/libcloudmask.so.*.*.* "$tree"/lib/libcloudmask_{network,mpi,geotiff}.so
patchelf --set-rpath '$ORIGIN/../lib:$ORIGIN/../lib/cloudmask' "$tree/bin/cloudmask"
strip --strip-unneeded "$libraries"/*.so* "$tree"/lib/*.so* "$tree/bin/cloudmask"

tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -czf "$work/archive" "$name"
mv "$work/archive" "$out/$name.tar.gz"

package=$work/deb
mkdir -p "$package"/{DEBIAN,usr/bin,usr/lib,usr/share/doc/cloudmask}
mv "$tree" "$package/usr/lib/cloudmask"
ln -s ../lib/cloudmask/bin/cloudmask "$package/usr/bin/cloudmask"
mv "$package/usr/lib/cloudmask/share/man" "$package/usr/share/man"
for folder in bash-completion zsh fish; do mv "$package/usr/lib/cloudmask/share/$folder" "$package/usr/share/$folder"; done
ln -s ../../../lib/cloudmask/share/licenses "$package/usr/share/doc/cloudmask/licenses"
cp LICENSE "$package/usr/share/doc/cloudmask/copyright"
cat >"$package/DEBIAN/control" <<CONTROL
Package: cloudmask
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: the makers of cloudmask
Depends: libc6 (>= 2.36)
Suggests: libgdal32, openmpi-bin
Installed-Size: $(du -sk "$package/usr" | cut -f1)
Section: science
Priority: optional
Description: finds the clouds in Sentinel-3 SLSTR satellite images
 Trains, runs and judges cloud masks: a U-Net, threshold tests and Bayesian
 screening of the CloudMask benchmark's scenes and ESA's Level-1 products.
CONTROL
deb=cloudmask_${version}_$(dpkg --print-architecture).deb
dpkg-deb --root-owner-group -Zxz -z1 --build "$package" "$work/$deb" >/dev/null
mv "$work/$deb" "$out/$deb"
(cd "$out" && ls -l "$name.tar.gz" "$deb")
