// Logs of runs: what stands in them, how they are taken up, what is refused; and what a gradient report says.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <rocket/rocket.hpp>
#include <rocket/train/log.hpp>

#include "support/catch.hpp"
#include "support/checksum.hpp"
#include "support/random_numbers.hpp"
#include "support/temporary_folder.hpp"
#include "support/throws.hpp"

using namespace rocket;

namespace {

using Trunk = Sequential<Dense<6>, BatchNorm<>, Relu, Dropout<0.1>>;
using Pair = Launch<Input<4>, Trunk, Dense<3>, Sequential<Dense<8>, BatchNorm<>, Relu, Dense<3>>>;

const FitOptions fitting{.epochs = 3, .batch_size = 20};  // 4 steps an epoch

const RandomSamples<Pair>& samples() {
  static const RandomSamples<Pair> made{75};
  return made;
}

std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  if (!text.empty() && text.back() == separator && separator != '\n') parts.emplace_back();
  return parts;
}
std::vector<std::string> lines_of(const std::string& path) { return split_at(content(path), '\n'); }

// The rows of a CSV log without their times, which no two runs share.
std::vector<std::string> timeless_rows(const std::string& path) {
  std::vector<std::string> rows;
  for (const std::string& line : lines_of(path)) {
    std::vector<std::string> cells = split_at(line, ',');
    if (cells.size() > 5) cells[3] = cells[4] = "";
    std::string row;
    for (const std::string& cell : cells) row += cell + ',';
    rows.push_back(row);
  }
  return rows;
}

struct Pause {
  int left;
  Then on_step(const StepReport&) { return --left == 0 ? Then::pause : Then::go_on; }
};
struct Watch {
  void on_step(const StepReport& report) { steps.push_back(report); }
  void on_epoch(const EpochReport& report) { epochs.push_back(report); }
  std::vector<StepReport> steps;
  std::vector<EpochReport> epochs;
};

}  // namespace

TEST_CASE("a log has a row a step and an epoch, with all terms", "[log]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair{Seed{3}}, HintSchedule{.start = 1}};
  double column = 7;
  const LogPlan plan{.steps = 2,
                     .gradients = 8,
                     .columns = {{"mine", [&] { return column++; }}},
                     .notes = {{"command", "train\n\"all\""}, {"a", "b"}}};
  Log csv{trainer, folder / "log.csv", plan};
  column = 7;
  Watch watch;
  trainer.fit(samples().view(), fitting, csv, watch);
  const auto lines = lines_of(folder / "log.csv");
  REQUIRE(lines.size() == 4 + 1 + 3 * (2 + 1));
  CHECK(lines[0] == "# log of a run");
  CHECK(lines[1] == "# a: b");
  CHECK(lines[2] == "# command: train \"all\"");
  CHECK_THAT(lines[3], Catch::Matchers::StartsWith("# run: seed 3, kinds "));
  CHECK(lines[4] ==
        "event,epoch,step,seconds,samples_per_second,rate,hint_weight,light_loss,booster_loss,hint_loss,teacher_loss,"
        "light_error,booster_error,agreement,shared_gradient,light_gradient,booster_gradient,gradient_cosine,mine");
  const auto cells = [&](std::size_t line) { return split_at(lines[line], ','); };
  const auto number = [&](std::size_t line, std::size_t cell) { return std::stod(cells(line).at(cell)); };
  for (std::size_t line = 5; line < lines.size(); ++line) CHECK(cells(line).size() == 19);

  CHECK(cells(5)[0] == "step");
  CHECK(cells(5)[1] == "0");
  CHECK(cells(5)[2] == "2");
  const Losses& second = watch.steps[1].losses;
  CHECK(number(5, 7) == Approx(second.light).epsilon(1e-6));
  CHECK(number(5, 8) == Approx(second.booster).epsilon(1e-6));
  CHECK(cells(5)[6] == "0");  // without a hint yet
  CHECK(cells(5)[10].empty());
  for (std::size_t cell = 14; cell < 19; ++cell) CHECK(cells(5)[cell].empty());

  CHECK(cells(10)[0] == "epoch");
  CHECK(cells(10)[1] == "2");
  CHECK(cells(10)[2] == "0");
  const Losses& epoch = watch.epochs[1].losses;
  CHECK(cells(10)[6] == "0.03");
  CHECK(number(10, 7) == Approx(epoch.light).epsilon(1e-6));
  CHECK(number(10, 9) == Approx(epoch.hint).epsilon(1e-6));
  CHECK(number(10, 11) == Approx(epoch.light_error).epsilon(1e-6));
  CHECK(number(10, 13) == Approx(epoch.agreement).epsilon(1e-6));
  CHECK(cells(10)[18] == "8");
  CHECK(number(10, 14) > 0);              // after 8 steps
  CHECK(std::abs(number(10, 17)) <= 1);   // a cosine
  CHECK(cells(7)[14].empty());            // after 4
  CHECK(cells(13)[14].empty());           // after 4 more
  CHECK(number(13, 3) >= number(10, 3));  // seconds
  CHECK(number(13, 4) > 0);
}

TEST_CASE("JSON lines say the same, and can be read", "[log]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair::light{Seed{3}}, Teacher{Pair::booster{Seed{5}}, Kl{}}};
  Log log{trainer, folder / "log.jsonl", {.steps = 4, .gradients = 1, .notes = {{"command", "a\n\"b\"\\"}}}};
  trainer.fit(samples().view(), fitting, log);
  const auto lines = lines_of(folder / "log.jsonl");
  REQUIRE(lines.size() == 1 + 3 * 2);
  const auto head = nlohmann::json::parse(lines[0]);
  CHECK(head["event"] == "log");
  CHECK(head["columns"].size() == 18);
  CHECK(head["notes"]["command"] == "a\n\"b\"\\");
  const auto row = nlohmann::json::parse(lines[6]);
  CHECK(row["event"] == "epoch");
  CHECK(row["epoch"] == 3);
  CHECK(row["step"] == 0);
  CHECK(row["light_loss"].is_number());
  CHECK(row["teacher_loss"].is_number());
  CHECK(row["booster_loss"].is_null());
  CHECK(row["shared_gradient"].is_null());
  CHECK(row["light_gradient"].get<double>() > 0);
  CHECK(row["gradient_cosine"].is_null());
}

TEST_CASE("the log of a run that was taken up is that of one that never stopped", "[log]") {
  const TemporaryFolder folder;
  const auto make = [] { return Trainer{Pair{Seed{3}}, Adam{}}; };
  const LogPlan plan{.steps = 1, .gradients = 4, .notes = {{"command", "x"}}};
  auto whole = make();
  Log whole_log{whole, folder / "whole.csv", plan};
  whole.fit(samples().view(), fitting, whole_log);

  auto first = make();
  Log first_log{first, folder / "log.csv", plan};
  TrainingPosition at;
  std::vector<float> parameters, statistics, state;
  const auto copy = [](auto from, auto& to) { to.assign(from.begin(), from.end()); };
  first.fit(samples().view(), fitting, first_log, Pause{6});
  at = first.position();
  copy(std::as_const(first).net().parameter_vector(), parameters);
  copy(std::as_const(first).net().statistic_vector(), statistics);
  copy(std::as_const(first).optimizer_state(), state);
  first.restore(at);
  first.fit(samples().view(), fitting, first_log, Pause{2});  // steps that are lost, and taken again
  {
    std::ofstream torn{folder / "log.csv", std::ios::app};
    torn << "step,1,";  // as where the process was killed
  }
  const double seconds_before = std::stod(split_at(lines_of(folder / "log.csv")[10], ',')[3]);

  auto second = make();
  std::ranges::copy(parameters, second.net().parameter_vector().begin());
  std::ranges::copy(statistics, second.net().statistic_vector().begin());
  std::ranges::copy(state, second.optimizer_state().begin());
  second.restore(at);
  Log second_log{second, folder / "log.csv", plan};
  CHECK(lines_of(folder / "log.csv").size() == 4 + 6 + 1);
  second.fit(samples().view(), fitting, second_log);
  CHECK(timeless_rows(folder / "log.csv") == timeless_rows(folder / "whole.csv"));
  CHECK(std::stod(split_at(lines_of(folder / "log.csv")[11], ',')[3]) > seconds_before);

  SECTION("other columns are another log") {
    second.restore(at);
    const auto refused = [&] { Log{second, folder / "log.csv", {.steps = 1}}; };
    CHECK(thrown_by<FileError>(refused).found() == "\"# command: x\"");  // which isn't in its plan
  }
  SECTION("so is one with rows that are none") {
    std::string text = content(folder / "log.csv");
    text.insert(text.find("step,0,3"), "rubbish\n");
    folder.write("log.csv", text);
    second.restore(at);
    CHECK(thrown_by<FileError>([&] { Log{second, folder / "log.csv", plan}; }).place() == "row 3");
    CHECK(content(folder / "log.csv") == text);
  }
  SECTION("a run that begins has a log that begins") {
    auto third = make();
    Log{third, folder / "log.csv", {}};
    CHECK(lines_of(folder / "log.csv").size() == 3);
  }
  SECTION("what is no log isn't written over") {
    folder.write("log.csv", "a,b\n1,2\n");
    auto third = make();
    CHECK(thrown_by<FileError>([&] { Log{third, folder / "log.csv", {}}; }).expected() == "a log, or no file");
    CHECK(content(folder / "log.csv") == "a,b\n1,2\n");
  }
}

TEST_CASE("plans that make no sense are refused", "[log]") {
  const TemporaryFolder folder;
  Trainer trainer{Pair{Seed{3}}};
  const auto refused = [&](const LogPlan& plan, const char* name = "log.csv") {
    return thrown_by<ValueError>([&] { Log{trainer, folder / name, plan}; }).argument();
  };
  CHECK(refused({}, "log.txt") == "path of a log");
  CHECK(refused({.steps = -1}) == "LogPlan::steps");
  CHECK(refused({.gradients = -1}) == "LogPlan::gradients");
  CHECK(refused({.columns = {{"a,b", [] { return 0.0; }}}}) == "LogColumn::name");
  CHECK(refused({.columns = {{"", [] { return 0.0; }}}}) == "LogColumn::name");
  CHECK(refused({.columns = {{"light_loss", [] { return 0.0; }}}}) == "LogColumn::name");
  CHECK(refused({.columns = {{"mine", nullptr}}}) == "LogColumn::value");
  CHECK(refused({.notes = {{"run", ""}}}) == "LogPlan::notes");
  folder.write("file", "");
  CHECK_THROWS_AS((Log{trainer, folder / "file/log.csv"}), FileError);
  CHECK_NOTHROW(Log{trainer, folder / "made/log.csv"});
}

TEST_CASE("a log changes no bit of the training", "[log]") {
  const TemporaryFolder folder;
  Trainer with{Pair{Seed{3}}}, without{Pair{Seed{3}}};
  Log log{with, folder / "log.csv", {.gradients = 1}};
  with.fit(samples().view(), fitting, log);
  without.fit(samples().view(), fitting);
  CHECK(checksum(with.net()) == checksum(without.net()));
  CHECK(checksum(std::as_const(with).optimizer_state()) == checksum(std::as_const(without).optimizer_state()));
  CHECK(checksum(with.gradients()) == checksum(without.gradients()));
}

TEST_CASE("a second phase of a run has a log that begins", "[log]") {
  const TemporaryFolder folder;
  for (const char* note : {"first", "second"}) {
    Trainer trainer{Pair{Seed{3}}};
    trainer.fit(samples().view(), {.epochs = 2, .batch_size = 20});
    Log log{trainer, folder / "log.csv", {.notes = {{"phase", note}}}};
    trainer.fit(samples().view(), {.epochs = 1, .batch_size = 20}, log);
    const auto lines = lines_of(folder / "log.csv");
    REQUIRE(lines.size() == 5);
    CHECK(lines[1] == std::string{"# phase: "} + note);
  }
}

namespace {

// What a trainer says of the gradients of its last step, beside that step's gradient: at a rate of 0 they are of the
// same net.
template <class Net, class... Options>
struct Reported {
  GradientReport report;
  std::vector<double> gradient;

  explicit Reported(const LossWeights& weights, const Options&... options) {
    Trainer trainer{Net{Seed{3}}, Sgd{.rate = 0}, weights, options...};
    struct Ask {
      decltype(trainer)& of;
      GradientReport& into;
      void on_step(const StepReport&) { into = of.gradient_report(); }
    };
    const RandomSamples<Net> given{30};
    trainer.fit(given.view(), {.epochs = 1, .batch_size = 30}, Ask{trainer, report});
    for (const auto number : trainer.gradients()) gradient.push_back(static_cast<double>(number));
  }
};
template <class Net>
double norm_of(const std::vector<double>& gradient, const auto& wanted) {
  double squares = 0;
  each_array(Net::parameter_table(), std::span{gradient},
             [&](const std::string& name, Shape, std::span<const double> numbers) {
               for (const double number : numbers)
                 if (wanted(name)) squares += number * number;
             });
  return std::sqrt(squares);
}

}  // namespace

TEST_CASE("gradients are reported by whose parameters they are of", "[gradient_report]") {
  using Blocks = Sequential<Named<"group", Repeat<1, Dense<6>, BatchNorm<>>>, Dense<3>>;
  using More = Sequential<Named<"group", Repeat<3, Dense<6>, BatchNorm<>>>, Dense<3>>;
  using Net = Launch<Input<4>, Sequential<Dense<6>>, Blocks, More, double>;
  const Reported<Net, ClipNorm> reported{{.light = 0.7, .booster = 1.3, .hint = 0.2}, ClipNorm{}};
  const auto shared = [](const std::string& name) {
    return name.starts_with("trunk") || name == "group.0.0.weight" || name == "group.0.0.bias";
  };
  const auto light = [](const std::string& name) { return name.starts_with("light"); };
  const auto booster = [&](const std::string& name) { return !shared(name) && !light(name); };
  CHECK_THAT(reported.report.shared, Catch::Matchers::WithinRel(norm_of<Net>(reported.gradient, shared), 1e-12));
  CHECK_THAT(reported.report.light, Catch::Matchers::WithinRel(norm_of<Net>(reported.gradient, light), 1e-12));
  CHECK_THAT(reported.report.booster, Catch::Matchers::WithinRel(norm_of<Net>(reported.gradient, booster), 1e-12));

  // |a + b|^2 = |a|^2 + |b|^2 + 2 |a| |b| cosine, with a and b from trainings that weigh the other with 0.
  const Reported<Net> a{{.light = 0.7, .booster = 0, .hint = 0.2}}, b{{.light = 0, .booster = 1.3, .hint = 0}};
  const double norm_a = norm_of<Net>(a.gradient, shared), norm_b = norm_of<Net>(b.gradient, shared);
  const double sum = reported.report.shared;
  REQUIRE(reported.report.cosine);
  CHECK_THAT(
      *reported.report.cosine,
      Catch::Matchers::WithinAbs((sum * sum - norm_a * norm_a - norm_b * norm_b) / (2 * norm_a * norm_b), 1e-10));
  CHECK_FALSE(a.report.cosine);  // the booster asks for nothing
}

TEST_CASE("after an epoch gradients are those of its last batch as that was seen", "[gradient_report]") {
  Trainer trainer{Pair{Seed{3}}, Sgd{.rate = 0}};
  struct Ask {
    decltype(trainer)& of;
    GradientReport step{}, epoch{};
    void on_step(const StepReport&) { step = of.gradient_report(); }
    void on_epoch(const EpochReport&) { epoch = of.gradient_report(); }
  } ask{trainer};
  trainer.fit(samples().view(), {.epochs = 2, .batch_size = 75}, ask);
  CHECK(ask.step.shared > 0);
  CHECK(ask.step.shared == ask.epoch.shared);  // the same units dropped
  struct Reserve {
    decltype(trainer)& of;
    void on_step(const StepReport&) {
      of.reserve(1000);
      of.gradient_report();
    }
  };
  CHECK_THROWS_AS(trainer.fit(samples().view(), {.epochs = 1}, Reserve{trainer}), ValueError);
}

TEST_CASE("what a teacher asks for is asked by the light net; a net alone is light", "[gradient_report]") {
  using Net = Launch<Input<4>, Sequential<Dense<6>>, Dense<3>, Dense<3>, double>;
  const Reported<Net, Teacher<Net::booster, Kl>> taught{{}, Teacher{Net::booster{Seed{5}}, Kl{}}};
  const auto all = [](const std::string&) { return true; };
  const GradientReport& r = taught.report;
  CHECK_THAT(std::hypot(r.shared, r.light, r.booster),
             Catch::Matchers::WithinRel(norm_of<Net>(taught.gradient, all), 1e-12));
  const Reported<Net::booster> alone{{.booster = 2}};
  CHECK_THAT(alone.report.light, Catch::Matchers::WithinRel(norm_of<Net::booster>(alone.gradient, all), 1e-12));
  CHECK(alone.report.shared == 0);
  CHECK(alone.report.booster == 0);
  CHECK_FALSE(alone.report.cosine);
  const Reported<Net::unshared> apart{{}};
  CHECK(apart.report.shared == 0);
  CHECK_FALSE(apart.report.cosine);
  Trainer trainer{Net{Seed{3}}};
  CHECK(thrown_by<ValueError>([&] { trainer.gradient_report(); }).argument() == "gradient_report");
}
