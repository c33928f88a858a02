"""Completion in PowerShell, which Click does not know: Windows PowerShell 5.1 and PowerShell 7."""

from __future__ import annotations

import os
import re
from typing import ClassVar

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

_SCRIPT = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $text = [System.Management.Automation.Language.StringConstantExpressionAst]
    $whole = $commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_ -is $text) { $_.Value } else { $_.Extent.Text } }
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        $env:%(complete_var)s = 'powershell_complete'
        $env:COMP_WORDS = @($whole) -join "`n"
        $env:COMP_TYPED = "$wordToComplete"
        & '%(prog_name)s' | ForEach-Object {
            if ($_ -eq 'none') { return '' }
            if ($_ -eq '') { return }
            $written, $name, $help = $_ -split "`t", 3
            [System.Management.Automation.CompletionResult]::new(
                $written, $name, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_TYPED -ErrorAction Ignore
        [Console]::OutputEncoding = $encoding
    }
}
"""
_PLAIN = re.compile(r"[\w./\\:=~+-]+")


class PowerShellComplete(ShellComplete):
    """What PowerShell asks behind Tab: its words come one a line, and its answers go so.

    An answer is the text that is put in, the text that is shown, and its help, with tabs between.
    Behind an empty line PowerShell completes names of files itself; ``none`` stops it.
    """

    name: ClassVar[str] = "powershell"
    source_template: ClassVar[str] = _SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one at the cursor, without the command, and that one."""
        _, *words = os.environ["COMP_WORDS"].split("\n")
        return words, os.environ.get("COMP_TYPED", "").lstrip("'\"").rstrip("'\"")

    def format_completion(self, item: CompletionItem) -> str:
        r"""Return the line of an answer; a text that PowerShell would take apart is quoted.

        >>> complete = PowerShellComplete(None, {}, "jeoul", "_JEOUL_COMPLETE")
        >>> complete.format_completion(CompletionItem("my file.toml"))
        "'my file.toml'\tmy file.toml\tmy file.toml"
        """
        value = str(item.value)
        quoted = value.replace("'", "''")
        text = value if _PLAIN.fullmatch(value) else f"'{quoted}'"
        return "\t".join((text, value, " ".join((item.help or value).split())))

    def complete(self) -> str:
        """Return the lines of all answers: empty where PowerShell is to complete names of files."""
        found = self.get_completions(*self.get_completion_args())
        if any(item.type in ("file", "dir") for item in found):
            return ""
        return "\n".join(map(self.format_completion, found)) or "none"


def register() -> None:
    """Let Click answer ``powershell_source`` and ``powershell_complete``."""
    add_completion_class(PowerShellComplete)
