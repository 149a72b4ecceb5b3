// A text file of what an independent program computed, and the comparison with it. A line is
//
//     configuration quantity name number number ...
//
// and `#` begins a comment. An array that is too long to write down is pinned by four numbers, see `pin`.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/golden_numbers.hpp"

namespace golden {

// What a line of the file is found by.
struct Key {
  std::string configuration;  // "training", "evaluation.block", ...
  std::string quantity;       // "loss", "logits", "gradient", ...
  std::string name;           // of the array
  std::string text() const { return configuration + ' ' + quantity + ' ' + name; }
};

// What pins an array: its Euclidean norm, then its products with three vectors of uniform numbers in [-1, 1) that hang
// on the array's name. Numbers that change places change the products; one that is wrong by more than a few times the
// tolerance, relative to the norm, changes them, too.
using Pin = std::array<double, 4>;
template <class Numbers>
Pin pin(const std::string& name, const Numbers& numbers) {
  Pin made{};
  const std::array<std::string, 3> vectors{name + " projection 0", name + " projection 1", name + " projection 2"};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = static_cast<double>(numbers[i]);
    made[0] += number * number;
    for (std::size_t k = 0; k < vectors.size(); ++k) made[k + 1] += number * uniform(vectors[k], i);
  }
  made[0] = std::sqrt(made[0]);
  return made;
}

class File {
 public:
  // Throws std::runtime_error with path and line if a line is not as above, or stands twice.
  explicit File(const std::string& path) : path_{path} {
    std::ifstream file{path};
    if (!file) throw std::runtime_error(path + ": cannot be read");
    std::string line;
    for (int at = 1; std::getline(file, line); ++at) {
      if (line.empty() || line.front() == '#') continue;
      const std::string place = path + ": line " + std::to_string(at) + ": ";
      std::istringstream words{line};
      Key key;
      if (!(words >> key.configuration >> key.quantity >> key.name))
        throw std::runtime_error(place + "expected configuration, quantity, name and numbers");
      std::vector<double> numbers;
      for (std::string word; words >> word;) {
        char* end = nullptr;
        numbers.push_back(std::strtod(word.c_str(), &end));
        if (*end != '\0') throw std::runtime_error(place + "expected a number, found " + word);
      }
      if (numbers.empty()) throw std::runtime_error(place + "expected numbers, found none");
      if (!entries_.emplace(key.text(), numbers).second) throw std::runtime_error(place + "stands twice");
      keys_.push_back(key);
    }
  }

  // Every line's, as the file has them.
  const std::vector<Key>& keys() const { return keys_; }
  // Throws std::runtime_error if there are none.
  const std::vector<double>& numbers(const Key& key) const {
    const auto found = entries_.find(key.text());
    if (found == entries_.end()) throw std::runtime_error(path_ + ": has no " + key.text());
    return found->second;
  }
  // The names of a quantity, as the file has them.
  std::vector<std::string> names(const std::string& configuration, const std::string& quantity) const {
    std::vector<std::string> found;
    for (const Key& key : keys_)
      if (key.configuration == configuration && key.quantity == quantity) found.push_back(key.name);
    return found;
  }

  // How numbers differ from those of the file by more than `tolerance`, relative to the norm of those; "" if they
  // don't. NaN differs from everything.
  template <class Numbers>
  std::string difference(const Key& key, const Numbers& found, double tolerance) const {
    return difference(key, found, norm(numbers(key)), tolerance);
  }
  // The same for a whole array of which the file has the pin, relative to the norm of the array.
  template <class Numbers>
  std::string array_difference(const Key& key, const Numbers& found, double tolerance) const {
    return difference(key, pin(key.name, found), numbers(key).front(), tolerance);
  }

 private:
  static double norm(const std::vector<double>& numbers) {
    double sum = 0;
    for (const double number : numbers) sum += number * number;
    return std::sqrt(sum);
  }
  template <class Numbers>
  std::string difference(const Key& key, const Numbers& found, double size, double tolerance) const {
    const std::vector<double>& expected = numbers(key);
    std::ostringstream message;
    message.precision(9);
    if (found.size() != expected.size()) {
      message << key.text() << ": expected " << expected.size() << " numbers, found " << found.size();
      return message.str();
    }
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto number = static_cast<double>(found[i]);
      const double error = number == expected[i] ? 0 : std::abs(number - expected[i]) / size;
      if (error <= tolerance || error <= worst) continue;
      worst = error;
      message.str("");
      message << key.text() << ": number " << i << ": expected " << expected[i] << ", found " << number << ", that is "
              << error << " of the norm, more than " << tolerance;
    }
    return message.str();
  }

  std::string path_;
  std::vector<Key> keys_;
  std::map<std::string, std::vector<double>> entries_;
};

}  // namespace golden
