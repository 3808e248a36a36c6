#pragma once

#include "cloudmask/kernels/isa_multiply.h"

namespace cloudmask {
namespace {

// One dimension of each transform, of whole vectors. The matrices are those of Lavin and Gray for the
// points 0, 1, -1, 2, -2 and infinity; of the pairs, what is left of them when neighbours are equal.
template <class Isa>
struct OneDimension {
  using Vector = typename Isa::Vector;

  static Vector times(float factor, Vector a, Vector sum) { return Isa::multiply_add(Isa::broadcast(factor), a, sum); }

  // B^T d
  static void input(const Vector* d, Vector* to) {
    const Vector a = times(-4, d[2], d[4]);
    const Vector b = times(-4, d[1], d[3]);
    const Vector c = Isa::subtract(d[4], d[2]);
    const Vector e = Isa::subtract(d[3], d[1]);
    to[0] = times(-5, d[2], times(4, d[0], d[4]));
    to[1] = Isa::add(a, b);
    to[2] = Isa::subtract(a, b);
    to[3] = times(2, e, c);
    to[4] = times(-2, e, c);
    to[5] = times(-5, d[3], times(4, d[1], d[5]));
  }

  // B^T (a, b, b, c, c, d); its third value is 0 and not written.
  static void upsampled(const Vector* d, Vector* to) {
    const Vector difference = Isa::subtract(d[1], d[2]);
    to[0] = times(-5, d[1], times(4, d[0], d[2]));
    to[1] = times(-8, d[1], Isa::add(d[2], d[2]));
    to[3] = times(-3, difference, Isa::zero());
    to[4] = difference;
    to[5] = times(-5, d[2], times(4, d[1], d[3]));
  }

  // A g
  static void gradient(const Vector* g, Vector* to) {
    const Vector even = Isa::add(g[0], g[2]);
    const Vector odd = Isa::add(g[1], g[3]);
    const Vector even_by_two = times(4, g[2], g[0]);
    const Vector odd_by_two = times(8, g[3], Isa::add(g[1], g[1]));
    to[0] = g[0];
    to[1] = Isa::add(even, odd);
    to[2] = Isa::subtract(even, odd);
    to[3] = Isa::add(even_by_two, odd_by_two);
    to[4] = Isa::subtract(even_by_two, odd_by_two);
    to[5] = g[3];
  }

  // A^T m
  static void output(const Vector* m, Vector* to) {
    const Vector sum = Isa::add(m[1], m[2]);
    const Vector difference = Isa::subtract(m[1], m[2]);
    const Vector sum_by_two = Isa::add(m[3], m[4]);
    const Vector difference_by_two = Isa::subtract(m[3], m[4]);
    to[0] = Isa::add(Isa::add(m[0], sum), sum_by_two);
    to[1] = times(2, difference_by_two, difference);
    to[2] = times(4, sum_by_two, sum);
    to[3] = Isa::add(times(8, difference_by_two, difference), m[5]);
  }

  // The same, outputs 0 and 1 summed, 2 and 3 likewise: m[2] cancels.
  static void paired_output(const Vector* m, Vector* to) {
    const Vector twice = Isa::add(m[1], m[1]);
    to[0] = Isa::subtract(times(3, m[3], Isa::add(m[0], twice)), m[4]);
    to[1] = times(-4, m[4], times(12, m[3], Isa::add(m[5], twice)));
  }
};

}  // namespace
}  // namespace cloudmask
