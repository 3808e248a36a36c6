#!/bin/bash
# tools/lint.sh BUILD fast|torch: format, layers, budgets and clang-tidy; `torch` looks at the files that use torch only.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
torch='src/cloudmask/(tensor|data|model|parallel|training|inference)/|src/cloudmask/(cloudmask|benchmark[a-z_]*)\.cpp'
sources=$(git ls-files 'src/*.cpp' | grep -E "$torch")
if [ "$2" = fast ]; then
  git ls-files '*.cpp' '*.h' | xargs clang-format --dry-run -Werror
  "$build/venv-test/bin/python" tools/check_sources.py
  sources=$(git ls-files 'src/*.cpp' | grep -vE "$torch")
fi
# shellcheck disable=SC2086
echo $sources | tr ' ' '\n' | xargs -P "$(nproc)" -n 1 clang-tidy-16 --quiet -p "$build-lint" --warnings-as-errors='*'
