#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string_view>

namespace cloudmask {

/// A cyclic redundancy check with reflected bits that starts with ones and ends inverted: CRC-32 (0xEDB88320),
/// CRC-32C (0x82F63B78) and CRC-64/NVME (0x9A6C9329AC4BC9B5), polynomials bit-reversed (Koopman's catalogue).
/// Takes eight bytes a step by as many tables ("slicing", Kounavis and Berry 2008).
template <typename Word, Word kPolynomial>
class ReflectedCrc {
 public:
  void add(std::string_view bytes) {
    std::size_t at = 0;
    for (; at + kStep <= bytes.size(); at += kStep) {
      Word next = 0;
      for (std::size_t i = 0; i < kStep; ++i) {
        const Word state_byte = i < sizeof(Word) ? (value_ >> (8 * i)) & 0xFF : 0;
        next ^= kTables[kStep - 1 - i][byte_at(bytes, at + i) ^ state_byte];
      }
      value_ = next;
    }
    for (; at < bytes.size(); ++at) value_ = kTables[0][(value_ ^ byte_at(bytes, at)) & 0xFF] ^ (value_ >> 8);
  }

  Word value() const { return static_cast<Word>(~value_); }

 private:
  static constexpr std::size_t kStep = 8;
  using Table = std::array<Word, 256>;

  static Word byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

  static constexpr std::array<Table, kStep> make_tables() {
    std::array<Table, kStep> tables{};
    for (std::size_t byte = 0; byte < 256; ++byte) {
      auto value = static_cast<Word>(byte);
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
      tables[0][byte] = value;
    }
    for (std::size_t k = 1; k < kStep; ++k) {
      for (std::size_t byte = 0; byte < 256; ++byte) {
        tables[k][byte] = tables[0][tables[k - 1][byte] & 0xFF] ^ (tables[k - 1][byte] >> 8);
      }
    }
    return tables;
  }
  static constexpr std::array<Table, kStep> kTables = make_tables();

  Word value_ = std::numeric_limits<Word>::max();
};

}  // namespace cloudmask
