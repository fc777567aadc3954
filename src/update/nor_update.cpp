#include "update/nor_update.hpp"

#include <utility>

#include "boot/flash.hpp"
#include "boot/flash_partitions.hpp"
#include "boot/rescue_image.hpp"
#include "medkit/file_name.hpp"
#include "medkit/medkit_files.hpp"

namespace mox::update {

bool is_nor_update_requested(const Context& context) {
    constexpr std::string_view variable = "nor_update";
    if (context.command_line.has(variable)) return context.command_line.value(variable).value_or("") != "0";
    return context.environment.get(variable).value_or("0") != "0";
}

std::string companion_name(std::string_view archive) {
    constexpr std::string_view ending = ".tar.gz";
    if (medkit::lower_case(archive).ends_with(ending)) archive.remove_suffix(ending.size());
    return std::string(archive) + "-rescue.fit.lzma";
}

Expected<medkit::SignedFile> read_rescue_image(int directory, const std::string& name,
                                               const board::Description& board,
                                               const medkit::TrustedKeys& trusted) {
    auto image = medkit::read_signed_file(directory, name, trusted, board.largest_rescue_image);
    if (!image) return pass_on(image);
    TRY(boot::check_rescue_image(image->content, board.largest_rescue_image), medkit::printable_name(name));
    return image;
}

Expected<void> write_rescue_image(const medkit::SignedFile& image, const board::Description& board, Log& log,
                                  const ByteProgress& progress) {
    auto partition = TRY(boot::find_flash_partition(board.rescue_partition));
    auto flash = TRY(boot::open_flash(partition));
    log.info("writing the rescue system into the flash: " + medkit::printable_name(image.name) +
             ", signed by trusted key " + image.signer);
    auto updated = TRY(boot::update_flash(*flash, image.content, progress));
    log.info(updated == boot::FlashUpdate::written
                 ? "the rescue system in the flash is written and read back"
                 : "the rescue system in the flash is this one already: nothing written");
    return {};
}

}  // namespace mox::update
