#include "images/kept.hpp"

#include <rocket/train/checkpoints.hpp>
#include <rocket/train/stop_on_interrupt.hpp>

namespace {
constexpr const char* note = "images.recipe";
}

struct Kept::Callbacks {
  rocket::Checkpoints checkpoints;
  rocket::StopOnInterrupt ctrl_c{nullptr};
};

Kept::Kept(const rocket::AnyRun& run, const std::string& folder, const std::string& recipe) {
  if (folder.empty()) return;
  if (const auto path = rocket::newest_checkpoint(folder)) {
    const std::string found = rocket::read_safetensors(*path).metadata[note];
    if (found != recipe) throw rocket::FileError(*path, std::string{"__metadata__, "} + note, recipe, found);
    taken_up_ = rocket::resume(run, folder).has_value();
  }
  const rocket::CheckpointPlan plan{.minutes = 2, .epochs = 1, .notes = {{note, recipe}}};
  callbacks_.reset(new Callbacks{rocket::Checkpoints{run, folder, plan}});
}
Kept::~Kept() = default;

void Kept::check_done(bool done) const {
  if (!done && callbacks_)
    throw rocket::Error("interrupted, saved as " + callbacks_->checkpoints.newest() + ": the same command goes on");
}

rocket::Then Kept::on_step(const rocket::StepReport& report) {
  if (!callbacks_) return rocket::Then::go_on;
  callbacks_->checkpoints.on_step(report);
  return callbacks_->ctrl_c.on_step(report);
}
void Kept::on_epoch(const rocket::EpochReport& report) {
  if (callbacks_) callbacks_->checkpoints.on_epoch(report);
}
void Kept::when_all_know() {
  if (callbacks_) callbacks_->checkpoints.when_all_know();
}
void Kept::on_stop() {
  if (callbacks_) callbacks_->checkpoints.on_stop();
}
