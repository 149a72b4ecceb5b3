#include "net.hpp"

#include <rocket/files/npz.hpp>
#include <rocket/net/tensors.hpp>

int main() {
  const Net net{rocket::Seed{1}};
  rocket::write_npz("net.npz", tensors_of(net));
}
