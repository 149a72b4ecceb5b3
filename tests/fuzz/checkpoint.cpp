// Any bytes as a checkpoint: refused before anything has changed, or taken, and then the same again when it is saved;
// either way the trainer goes on. Where the bytes say @net and @kinds, they mean what the compiler calls the trainer's.
#include <unistd.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rocket/rocket.hpp>
#include <rocket/train/checkpoint.hpp>

#include "../support/checksum.hpp"
#include "fuzz.hpp"

using namespace rocket;

namespace {

using Net = Plain<Input<2>, Sequential<BatchNorm<>, Dense<2>>>;
using Training = Trainer<Net, Threads, Sgd>;

constexpr std::array features{0.5f, -1.0f, 2.0f, 0.25f, -0.75f, 1.5f};
constexpr std::array labels{0, 1, 1};

Training begun() {
  Training trainer{Net{Seed{3}}, Threads{1}, Sgd{.rate = 0.1, .momentum = 0.9}};
  trainer.step(features, labels);
  return trainer;
}

// All bits of a trainer that a checkpoint has.
std::vector<std::uint64_t> bits_of(const Training& trainer) {
  const TrainingPosition& at = trainer.position();
  std::vector<std::uint64_t> state{checksum(trainer.net()), checksum(trainer.optimizer_state())};
  detail::each_number(at, [&](const char*, auto number) { state.push_back(static_cast<std::uint64_t>(number)); });
  state.push_back(at.call_began ? static_cast<std::uint64_t>(*at.call_began) : ~std::uint64_t{0});
  for (const auto term : detail::loss_terms) state.push_back(std::bit_cast<std::uint64_t>(at.sums.*term));
  return state;
}

// The words of the seeds in full, and the length of the header as much greater.
std::string spelled_out(std::string_view bytes) {
  static const std::array words{std::pair{std::string{"\"@net\""}, detail::Json(detail::describe_net<Net>()).dump()},
                                std::pair{std::string{"\"@kinds\""}, detail::Json(Training::kinds()).dump()}};
  std::string text{bytes};
  for (const auto& [word, meaning] : words) {
    const std::size_t place = text.find(word, 8);
    if (text.size() < 8 || place == std::string::npos) continue;
    text.replace(place, word.size(), meaning);
    std::uint64_t length = 0;
    std::memcpy(&length, text.data(), 8);
    length += meaning.size() - word.size();
    std::memcpy(text.data(), &length, 8);
  }
  return text;
}

// Trains on, within the call of fit that was begun or a new one, and outside.
void go_on(Training& trainer) {
  trainer.fit(Samples<float>{features, labels, 2, 2}, {.epochs = 1, .batch_size = 2});
  trainer.step(features, labels);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MemoryFile file;
  static const auto undisturbed = [] {
    Training trainer = begun();
    const auto before = bits_of(trainer);
    go_on(trainer);
    return std::pair{before, bits_of(trainer)};
  }();

  Training trainer = begun();
  const auto load = [&](const std::string& path) { return load_checkpoint(trainer, path), true; };
  if (!read_or_refuse(file.write(spelled_out(text_of(data, size))), load)) {
    require(bits_of(trainer) == undisturbed.first, "what is refused changes nothing");
    go_on(trainer);
    require(bits_of(trainer) == undisturbed.second, "what is refused changes nothing of what follows");
    return 0;
  }

  require(trainer.position().is_sound(), "a position that a trainer can stand at");
  save_checkpoint(trainer, path_to_write());
  Training other = begun();
  load_checkpoint(other, path_to_write());
  unlink(path_to_write().c_str());
  require(bits_of(other) == bits_of(trainer), "what was saved is taken up");
  try {
    go_on(trainer);
  } catch (const ValueError&) {  // it is within a call on other samples
    require(trainer.position().call_began.has_value(), "only a call that was begun asks for its samples");
  } catch (const NonFiniteError&) {  // its numbers are finite, but so large that the loss isn't
  }
  return 0;
}
