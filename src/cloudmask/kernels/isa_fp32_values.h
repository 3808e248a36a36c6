#pragma once

namespace cloudmask {
namespace {

// Maps of fp32: what a vector's instruction set adds nothing to.
struct Fp32Values {
  using Value = float;
  using Key = float;
  static Key key(Value value) { return value; }
  static Value value_of(Key key) { return key; }
  static Key max(Key a, Key b) { return b > a || b != b ? b : a; }
  static float to_float(Value value) { return value; }
  static Value to_value(float number) { return number; }
};

}  // namespace
}  // namespace cloudmask
