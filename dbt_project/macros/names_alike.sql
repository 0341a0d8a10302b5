{#- What an employer is called without blanks, signs, brackets and the form of the company: as keys are made. -#}
{% macro employer_norm(column) -%} ops.employer_norm({{ column }}) {%- endmacro %}

{#- What a place is called without the words for what it is and for its office. -#}
{% macro place_norm(column) -%}
    regexp_replace({{ column }}, '(街道办事处|街道|镇|乡|村|社区|区|县)?(民委员会|委会|人民政府|政府)?$', '')
{%- endmacro %}
