#pragma once

#include <string>
#include <string_view>

namespace cloudmask {

/// Separates what Open MPI's mpirun says of itself, blocks between lines of dashes, from what the ranks print on
/// standard error.
class MpirunMessages {
 public:
  /// Takes more bytes; gives back the whole lines in them that are to be shown.
  std::string add(std::string_view bytes);

  /// What is left at the end.
  std::string rest();

  /// Which rank was ended by which signal; empty when none was.
  const std::string& fault() const { return fault_; }

 private:
  std::string take_line(const std::string& line);
  std::string close_block();

  std::string unfinished_;
  std::string block_;
  bool in_block_ = false;
  std::string fault_;
};

}  // namespace cloudmask
