#include "cli/completion.h"

#include "cli/args.h"

static bool of_command(const struct arg_def *def, int command)
{
    return (def->commands & (1U << (unsigned)command)) != 0;
}

/* Files are what these options and words take; everything else has no list. */
static bool takes_file(const struct arg_def *def)
{
    return span_eq(span_of(def->name), SPAN("output")) ||
           span_eq(span_of(def->name), SPAN("token-file"));
}

static void write_names(struct buf *out)
{
    for (int i = 0; i < CMD_COUNT; i++) {
        (void)buf_printf(out, "%s%s", i > 0 ? " " : "", commands[i].name);
    }
}

static void write_flags(int command, struct buf *out)
{
    for (size_t i = 0; i < arg_defs_count; i++) {
        if (of_command(&arg_defs[i], command)) {
            (void)buf_printf(out, " --%s", arg_defs[i].name);
        }
    }
}

/* ---- bash: one function; the word before decides, then the command. */

/* Options whose value is the next word: that one is no command. */
static void write_bash_valued(struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < arg_defs_count; i++) {
        const struct arg_def *def = &arg_defs[i];
        if (def->kind == ARG_SWITCH) {
            continue;
        }
        (void)buf_printf(out, "%s--%s", any ? " | " : "", def->name);
        if (def->letter != 0) {
            (void)buf_printf(out, " | -%c", def->letter);
        }
        any = true;
    }
}

static void write_bash_values(struct buf *out)
{
    for (size_t i = 0; i < arg_defs_count; i++) {
        const struct arg_def *def = &arg_defs[i];
        if (def->kind == ARG_SWITCH) {
            continue;
        }
        (void)buf_printf(out, "    --%s", def->name);
        if (def->letter != 0) {
            (void)buf_printf(out, " | -%c", def->letter);
        }
        if (takes_file(def)) {
            (void)buf_text(out, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
        } else {
            (void)buf_printf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n",
                             def->choices != NULL ? def->choices : "");
        }
    }
}

static void write_bash(struct buf *out)
{
    (void)buf_text(out, "# bash completion of longhaul\n"
                        "_longhaul() {\n"
                        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                        "    local word command=\n"
                        "    local before=\n"
                        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                        "        case $before in ");
    write_bash_valued(out);
    (void)buf_text(out, ") before=; continue ;; esac\n"
                        "        before=$word\n"
                        "        case \" ");
    write_names(out);
    (void)buf_text(out, " \" in *\" $word \"*) command=$word; break ;; esac\n"
                        "    done\n"
                        "    case $prev in\n");
    write_bash_values(out);
    (void)buf_text(out, "    esac\n    local words='");
    write_names(out);
    (void)buf_text(out, "'\n    case $command in\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        (void)buf_printf(out, "    %s) words='", commands[i].name);
        (void)buf_text(out, i == CMD_COMPLETION ? "bash zsh fish" : "");
        write_flags(i, out);
        (void)buf_text(out, "' ;;\n");
    }
    (void)buf_text(out, "    esac\n"
                        "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                        "}\n"
                        "complete -F _longhaul longhaul\n");
}

/* ---- zsh: _arguments reads a little language; help must not hold its brackets and colons. */

static void write_zsh_help(const char *help, struct buf *out)
{
    for (const char *c = help; *c != '\0'; c++) {
        const bool special = *c == '[' || *c == ']' || *c == ':' || *c == '\'';
        (void)buf_char(out, special ? ' ' : *c);
    }
}

static void write_zsh_option(const struct arg_def *def, struct buf *out)
{
    (void)buf_printf(out, " \\\n            '--%s%s[", def->name,
                     def->kind == ARG_SWITCH ? "" : "=");
    write_zsh_help(def->help, out);
    (void)buf_char(out, ']');
    if (def->kind != ARG_SWITCH) {
        (void)buf_char(out, ':');
        write_zsh_help(def->value_name, out);
        (void)buf_char(out, ':');
        if (takes_file(def)) {
            (void)buf_text(out, "_files");
        } else if (def->choices != NULL) {
            (void)buf_printf(out, "(%s)", def->choices);
        }
    }
    (void)buf_char(out, '\'');
}

static void write_zsh(struct buf *out)
{
    (void)buf_text(out, "#compdef longhaul\n"
                        "_longhaul() {\n"
                        "    local -a names\n"
                        "    names=(\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        (void)buf_printf(out, "        '%s:%s'\n", commands[i].name, commands[i].summary);
    }
    (void)buf_text(out, "    )\n"
                        "    if ((CURRENT == 2)); then\n"
                        "        _describe command names\n"
                        "        return\n"
                        "    fi\n"
                        "    case ${words[2]} in\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        (void)buf_printf(out, "    %s)\n        _arguments", commands[i].name);
        for (size_t k = 0; k < arg_defs_count; k++) {
            if (of_command(&arg_defs[k], i)) {
                write_zsh_option(&arg_defs[k], out);
            }
        }
        (void)buf_printf(out, " \\\n            '*:word:%s' ;;\n",
                         i == CMD_COMPLETION ? "(bash zsh fish)" : "");
    }
    (void)buf_text(out, "    esac\n"
                        "}\n"
                        "if [ \"$funcstack[1]\" = _longhaul ]; then _longhaul; "
                        "else compdef _longhaul longhaul; fi\n");
}

/* ---- fish: one `complete` a command and an option. */

static void write_fish_option(const struct arg_def *def, int command, struct buf *out)
{
    (void)buf_printf(out, "complete -c longhaul -n '__fish_seen_subcommand_from %s' -l %s",
                     commands[command].name, def->name);
    if (def->letter != 0) {
        (void)buf_printf(out, " -s %c", def->letter);
    }
    if (def->kind != ARG_SWITCH) {
        (void)buf_text(out, takes_file(def) ? " -r -F" : " -x");
    }
    if (def->choices != NULL) {
        (void)buf_printf(out, " -a '%s'", def->choices);
    }
    (void)buf_text(out, " -d '");
    write_zsh_help(def->help, out);
    (void)buf_text(out, "'\n");
}

static void write_fish(struct buf *out)
{
    (void)buf_text(out, "# fish completion of longhaul\ncomplete -c longhaul -f\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        (void)buf_printf(out, "complete -c longhaul -n __fish_use_subcommand -a %s -d '%s'\n",
                         commands[i].name, commands[i].summary);
        for (size_t k = 0; k < arg_defs_count; k++) {
            if (of_command(&arg_defs[k], i)) {
                write_fish_option(&arg_defs[k], i, out);
            }
        }
    }
    (void)buf_text(out, "complete -c longhaul -n '__fish_seen_subcommand_from completion'"
                        " -a 'bash zsh fish'\n");
}

enum err completion_write(struct span shell, struct buf *out)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *out);
    } shells[] = {{"bash", write_bash}, {"zsh", write_zsh}, {"fish", write_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (span_eq(shell, span_of(shells[i].name))) {
            shells[i].write(out);
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}
