{#- What an employer is called without blanks, signs, brackets and the form of the company: as keys are made. -#}
{% macro employer_norm(column) -%} ops.employer_norm({{ column }}) {%- endmacro %}
