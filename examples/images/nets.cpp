#include "images/nets.hpp"

namespace {

template <class Input, int Classes, int Width>
Nets nets_that_share(Sharing how) {
  switch (how) {
    case Sharing::bottom:
      return nets<Input, Classes, Width, Sharing::bottom>();
    case Sharing::none:
      return nets<Input, Classes, Width, Sharing::none>();
    case Sharing::bottom_none:
      return nets<Input, Classes, Width, Sharing::bottom_none>();
    case Sharing::interval:
      break;
  }
  return nets<Input, Classes, Width, Sharing::interval>();
}

template <class Input, int Classes>
Nets nets_that_read(const Settings& settings) {
  return settings.width == 1 ? nets_that_share<Input, Classes, 1>(settings.sharing)
                             : nets_that_share<Input, Classes, 2>(settings.sharing);
}

}  // namespace

Nets nets_for(const Settings& settings) {
  switch (settings.data) {
    case Data::cifar100:
      return nets_that_read<rocket::Input<32, 32, 3>, 100>(settings);
    case Data::fashion_mnist:
      return nets_that_read<rocket::Input<28, 28, 1>, 10>(settings);
    case Data::cifar10:
    case Data::svhn:
      break;
  }
  return nets_that_read<rocket::Input<32, 32, 3>, 10>(settings);
}
