#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocket/core/word.hpp"

namespace rocket::detail {

/// Texts of any bytes, numbered as they come. All stand one behind the other, and a table says by their hashes which
/// one is where, so that a look-up touches few places of memory, and a short text takes 40 to 60 bytes.
class Vocabulary {
 public:
  static constexpr std::uint32_t none = Word::most_rows;  ///< no number

  std::size_t size() const { return ends_.size(); }
  /// Text k; it is there until the next one is added.
  std::string_view operator[](std::size_t k) const {
    const std::size_t begin = k == 0 ? 0 : ends_[k - 1];
    return std::string_view{texts_}.substr(begin, ends_[k] - begin);
  }
  /// The number of a text, none if it isn't there.
  std::uint32_t find(std::string_view text) const {
    return slots_.empty() ? none : slots_[place(text, std::hash<std::string_view>{}(text))].number;
  }
  /// Adds a text that isn't there; there is room for none - 1. Where memory is short, it stays what it was.
  std::uint32_t add(std::string_view text) {
    if (2 * (size() + 1) > slots_.size()) grow();
    const std::size_t hash = std::hash<std::string_view>{}(text);
    const auto number = static_cast<std::uint32_t>(size());
    Slot& slot = slots_[place(text, hash)];
    if (ends_.size() == ends_.capacity()) ends_.reserve(slots_.size() / 2);
    texts_ += text;  // the last that may throw
    ends_.push_back(texts_.size());
    slot = {tag(hash), number};
    return number;
  }
  void reserve(std::size_t texts) { ends_.reserve(texts); }

 private:
  struct Slot {
    std::uint32_t tag = 0;  ///< of the hash, so that few other texts are looked at
    std::uint32_t number = none;
  };

  static std::uint32_t tag(std::size_t hash) { return static_cast<std::uint32_t>(std::uint64_t{hash} >> 32); }
  /// Where a text is, or would be: from where its hash says to the first slot that is free.
  std::size_t place(std::string_view text, std::size_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.number == none || (slot.tag == tag(hash) && (*this)[slot.number] == text)) return at;
    }
  }
  void grow() {
    std::vector<Slot> slots(slots_.empty() ? 16 : 2 * slots_.size());
    const std::size_t mask = slots.size() - 1;
    for (std::size_t k = 0; k < size(); ++k) {
      const std::size_t hash = std::hash<std::string_view>{}((*this)[k]);
      std::size_t at = hash & mask;
      while (slots[at].number != none) at = (at + 1) & mask;
      slots[at] = {tag(hash), static_cast<std::uint32_t>(k)};
    }
    slots_ = std::move(slots);
  }

  std::string texts_;
  std::vector<std::size_t> ends_;  ///< of each text
  std::vector<Slot> slots_;        ///< a power of two, at most half of which are taken
};

}  // namespace rocket::detail
