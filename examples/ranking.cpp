// Samples that are ids: what a user has seen and is shown, looked up in tables that a light net and a booster share.
// Made-up clicks: everyone has a taste, one of four, and what was seen before tells it.
#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <rocket/metrics/auc.hpp>
#include <rocket/rocket.hpp>
using namespace rocket;

// A record is three words for ids, or none in their place, and one for a number.
using Inputs = Fields<Id<"item", 8>, Sequence<"seen", 8, 2, "item">, Numbers<"price">>;
using Net = Launch<Inputs, Sequential<>,                  // a trunk of tables alone
                   Sequential<Dense<8>, Relu, Dense<1>>,  // light: one logit
                   Sequential<Concat<Cross<2>, Sequential<Dense<64>, Relu>>, Dense<32>, Relu, Dense<1>>>;  // booster

struct Log {
  std::vector<Word> words;
  std::vector<int> clicks;
  explicit Log(std::uint64_t seed) {
    for (std::uint64_t i = 0; i < 4000; ++i) {
      const auto [taste, item, seen, luck] = Random{seed}.bits(i);
      const auto of_taste = [taste = taste](std::uint32_t number) { return number % 25 * 4 + taste % 4; };
      const bool new_user = luck % 8 == 0;
      words.insert(words.end(), {Word::row(item % 100), Word::row(of_taste(seen)),
                                 new_user ? Word{} : Word::row(of_taste(seen >> 8)),
                                 Word::number(static_cast<float>(luck >> 24) / 256)});
      clicks.push_back(item % 4 == taste % 4 && luck >> 24 < 200);  // their taste, and not too dear
    }
  }
  Samples<Word> samples() const { return make_samples<Word>(words, clicks, Inputs::words, 2); }
};

int main() {
  const Log train{1}, test{2};
  Trainer trainer{Net{Seed{7}, {100}}, Kl{.temperature = 2}, Adam{.rate = 0.01}};  // a table of 100 items
  trainer.fit(train.samples(), {.epochs = 20, .batch_size = 64});
  const auto auc = trainer.measure(test.samples(), Auc{});
  std::printf("AUC: light %.4f, booster %.4f\n", auc.light().value(), auc.booster().value());

  Predictor light{trainer.light()};  // what ships: the table, too, but no booster
  const std::array shown{Word::row(5), Word::row(1), Word{}, Word::number(0.2F)};
  std::printf("item 5 for someone who saw item 1: logit %+.2f\n", static_cast<double>(light(shown)[0]));
}
