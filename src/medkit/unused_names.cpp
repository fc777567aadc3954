#include "medkit/unused_names.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "medkit/file_name.hpp"

namespace mox::medkit {

namespace {

std::set<std::string> used_names(const std::vector<MedkitFiles>& medkits) {
    std::set<std::string> used;
    for (const auto& files : medkits) {
        used.insert(files.archive);
        for (const auto& name :
             {files.signature, files.sha256, files.md5, files.extra, files.extra_signature,
              files.extra_sha256, files.extra_md5, files.rescue_image, files.rescue_image_signature})
            if (name) used.insert(*name);
    }
    return used;
}

/// "mox-me~1.gz" is what FAT makes of a long name for systems that know only short ones.
bool looks_like_a_part(std::string_view small) {
    return small.contains("medkit") || small.contains("mox-me~") || small.contains("med-kit");
}

bool is_ours(std::string_view stem) {
    return stem.starts_with("mox-medkit") || stem.starts_with("medkit-mox");
}

/// "._X" beside X is what macOS keeps about X on every stick: X itself is there, all is well.
bool is_shadow_of_a_file(const DirectoryNames& names, const std::string& name) {
    return name.starts_with("._") && names.all().contains(name.substr(2));
}

std::string_view word_for(Companion companion) {
    return companion == Companion::signature ? "signature" : "checksum";
}

std::string explain_hidden(const std::string& name) {
    if (name.starts_with("._"))
        return "looks like a medkit, but is only what macOS keeps about the file of that name, which is not "
               "here: copy the file itself";
    return "looks like a medkit, but its name begins with a dot: rename it";
}

std::string explain_companion(const FileName& file, bool medkit_is_here) {
    const std::string what(word_for(file.companion));
    if (medkit_is_here) return "is a " + what + " that is not looked at, because another one goes before it";
    return "is the " + what + " of a medkit that is not here: copy " + file.stem +
           (file.ending == Ending::rescue_image ? ".fit.lzma" : ".tar.gz") + " as well";
}

std::string explain_archive(const FileName& file, bool medkit_is_here) {
    if (!is_ours(file.stem))
        return "looks like a medkit, but its name does not begin with mox-medkit, as those for this router "
               "do";
    if (medkit_is_here) return "is not used, because another file goes before it";
    return "looks like a medkit, but for a router under another contract";
}

std::string explain(const FileName& file, const std::string& name, bool medkit_is_here) {
    if (file.state == NameState::hidden) return explain_hidden(name);
    if (file.state == NameState::unfinished)
        return "looks like a medkit, but is an unfinished download: download it again";
    if (file.companion != Companion::none) return explain_companion(file, medkit_is_here);
    switch (file.ending) {
        case Ending::archive:
            return explain_archive(file, medkit_is_here);
        case Ending::unpacked:
            return "looks like a medkit, but is unpacked (some browsers do that with a .tar.gz): download "
                   "the .tar.gz again, with another browser or as \"save link as\"";
        case Ending::rescue_image:
            return medkit_is_here ? "is not used, because another file goes before it"
                                  : "is a rescue system without the medkit that it belongs to";
        case Ending::none:
            break;
    }
    return "looks like a medkit, but its name does not end with .tar.gz";
}

/// Whether one of `medkits` has the stem of `file`, or the one that it is an extra or a rescue image of.
bool has_medkit(const DirectoryNames& names, const std::vector<MedkitFiles>& medkits, const FileName& file) {
    return std::ranges::any_of(medkits, [&](const MedkitFiles& files) {
        const auto& stem = names.read(files.archive).stem;
        return file.stem == stem || file.stem == stem + "-extra" || file.stem == stem + "-rescue";
    });
}

}  // namespace

std::vector<std::string> explain_unused_names(const DirectoryNames& names,
                                              const std::vector<MedkitFiles>& medkits,
                                              const std::function<bool(const std::string&)>& is_directory) {
    const auto used = used_names(medkits);
    std::vector<std::string> sentences;
    for (const auto& name : names.all()) {
        if (used.contains(name) || !looks_like_a_part(lower_case(name)) || is_shadow_of_a_file(names, name))
            continue;
        const auto& file = names.read(name);
        const bool unfinished = file.state == NameState::unfinished;  // Safari's .download is a directory
        sentences.push_back(shown_name(name) + " " +
                            (!unfinished && is_directory(name)
                                 ? std::string("looks like a medkit, but is a directory: the file as it was "
                                               "downloaded is needed")
                                 : explain(file, name, has_medkit(names, medkits, file))));
    }
    return sentences;
}

}  // namespace mox::medkit
