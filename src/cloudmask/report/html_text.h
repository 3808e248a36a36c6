#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cloudmask {

/// Safe as text and inside a quoted attribute. Bytes that are not UTF-8 and control characters are replaced.
std::string escape_html(std::string_view text);

// Numbers for people; an en dash where there is none (NaN).
std::string fixed(double value, int digits);
std::string percent(double share, int digits = 2);  ///< 0.9412 -> "94.12 %"
std::string seconds_text(double seconds);           ///< "12.3 s", from 100 s on "12 min"
std::string bytes_text(double bytes);               ///< "1.50 GB"
std::string count_text(double count);               ///< "1 800 000", with narrow spaces

/// A table with caption and scopes. All texts are escaped; the first column heads its row, the others are numbers
/// unless `text_columns`. With a head and several rows of numbers the reader may sort it.
struct HtmlTable {
  std::string caption;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> foot;  ///< empty: none
  bool text_columns = false;
};
std::string to_html(const HtmlTable& table);

/// A <table> in a box that scrolls where it is too wide or too long, by keyboard too; `name` is said to who cannot see.
std::string scrollable(const std::string& name, const std::string& table);

}  // namespace cloudmask
