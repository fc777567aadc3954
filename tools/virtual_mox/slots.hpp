#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "virtual_mox/board_event.hpp"
#include "virtual_mox/medium.hpp"
#include "virtual_mox/running_qemu.hpp"

namespace mox::virtual_mox {

/// The media in the board's card slot and USB port. They stay over power cycles. `qemu` is the running board;
/// null: it has no power.
class Slots {
public:
    /// Shared: the board may lose its power during an insertion.
    using Qemu = std::shared_ptr<RunningQemu>;

    explicit Slots(BoardEventHistory& events) : events_(events) {}

    using Result = boost::asio::awaitable<Expected<void>>;

    /// Connects the media in the slots to a board that was just started.
    [[nodiscard]] Result attach_all(Qemu qemu);

    [[nodiscard]] Result insert_card(Qemu qemu, Medium medium);
    [[nodiscard]] Result pull_card(Qemu qemu);
    [[nodiscard]] Result insert_stick(Qemu qemu, std::string name, Medium medium);
    [[nodiscard]] Result pull_stick(Qemu qemu, std::string name);
    [[nodiscard]] Result inject_card_faults(Qemu qemu, std::vector<MediumFault> faults);

    [[nodiscard]] bool has_card() const { return card_.has_value(); }
    [[nodiscard]] bool has_stick(const std::string& name) const { return sticks_.contains(name); }

private:
    struct Inserted {
        Medium medium;
        std::string node;              ///< QEMU's name, a new one for each insertion
        std::string fault_layer_name;  ///< that `inject_card_faults` has added; empty: none
        int usb_port = 0;              ///< of a stick, from 1
    };

    [[nodiscard]] Expected<int> free_usb_port() const;
    [[nodiscard]] Inserted inserted(std::string_view what, Medium medium);
    [[nodiscard]] Result attach_card(Qemu qemu);
    [[nodiscard]] Result attach_stick(Qemu qemu, const Inserted& stick);
    [[nodiscard]] Result add_layers(Qemu qemu, const Inserted& what);
    [[nodiscard]] Result remove_layers(Qemu qemu, const Inserted& what);
    [[nodiscard]] Result device_gone(Qemu qemu, std::string device, BoardEventHistory::Position since);
    [[nodiscard]] boost::asio::awaitable<bool> is_deleted(std::string device,
                                                          BoardEventHistory::Position since,
                                                          Clock::time_point deadline);

    BoardEventHistory& events_;
    std::optional<Inserted> card_;
    std::map<std::string, Inserted> sticks_;
    int insertions_ = 0;
};

}  // namespace mox::virtual_mox
